"""Made-up persons: valid codes, and all the hard kinds of names."""

from __future__ import annotations

from codicefiscale import codicefiscale

from faldone.demo.persons import NO_NAME, omocodic, populate


def test_every_code_is_valid_and_tells_the_birth_date():
    for one in populate(120, 3).individuals:
        decoded = codicefiscale.decode(one.cf)
        assert decoded["birthdate"].strftime("%d%m%y") == one.birth_date.strftime("%d%m%y")
        assert decoded["birthplace"]["code"] == one.birth_code
        assert decoded["gender"] == one.sex


def test_codes_are_unique_and_some_are_omocodic():
    people = populate(300, 1).individuals

    assert len({one.cf for one in people}) == len(people)
    assert any(not one.cf[6:8].isdigit() or not one.cf[12:15].isdigit() for one in people)


def test_an_omocodic_code_replaces_digits_from_the_right():
    assert omocodic("RSSMRA85T10A562S", 1)[:15] == "RSSMRA85T10A56N"
    assert codicefiscale.is_valid(omocodic("RSSMRA85T10A562S", 3))


def test_the_default_population_has_the_hard_names():
    population = populate(40, 1)
    people = population.individuals

    assert len(population.registered) >= 25
    assert any(" " in one.surname or "'" in one.surname for one in people)
    assert any(set(one.surname + one.name) & set("òùàèìñÒÙ") for one in people)
    assert any(one.name == NO_NAME for one in people)
    assert any(one.married_surname for one in people)
    assert any(one.foreign for one in people)
    assert any(not one.registered for one in people)
    assert population.namesakes
    assert any(len(home.children) > 1 for home in population.households)


def test_namesakes_differ_in_birth_date():
    population = populate(40, 1)
    for name in population.namesakes:
        dates = [one.birth_date for one in population.individuals if one.register_name == name]
        assert len(set(dates)) == len(dates) > 1
