"""The names of fields in these forms. They are no texts that people read, and so stand in no call of `text`."""

from typing import Final

ADDRESS: Final = "address"
ANSWER: Final = "answer"
BECAUSE: Final = "because"
COUNTRY: Final = "country"
ETAG: Final = "etag"
QUESTION: Final = "question"
SETTING: Final = "setting"
WORDS: Final = "words"
