from services.evidence.publications.learning.completions.certificates import ALPHABET, new_code, normalise_code


def test_a_code_is_read_however_it_is_typed() -> None:
    code = new_code()
    assert set(code) <= {*ALPHABET, "-"}
    assert len({new_code() for _ in range(100)}) == 100
    for typed in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        assert normalise_code(typed) == code
