"""From words to documents of persons and services: step 5, the register, results, and what is learnt."""
