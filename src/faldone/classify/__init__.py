"""From words to persons, services, types, dates: pure rules, each value with its proof."""
