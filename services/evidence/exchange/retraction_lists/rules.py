"""Which files are read as retraction lists."""

from shared.problems import Invalid, Problem


class EmptyRetractionList(Invalid):
    pointer = "/file"
    title = "This file is empty"
    detail = "It holds nothing to read. Download the list again from its source, and send the new file."


class RetractionListTooLarge(Problem):
    status = 413
    title = "This file is too large"
    detail = "Split it into files of at most 100 MB, each with the row of column names. Rows may be sent twice."


MAX_FILE_BYTES = 100 * 1024 * 1024
NOT_A_RETRACTION_LIST = (
    "This is not a list of retractions as Crossref and Retraction Watch publish it: the first row must name the "
    "columns, and RetractionNature and OriginalPaperDOI or OriginalPaperPubMedID must be among them. Save it as CSV in "
    "UTF-8, and send it again."
)
ABANDONED = (
    "Reading failed {attempts} times after row {rows} and was given up. What was read before is kept. Send the file "
    "again to go on: rows may be sent twice. Tell us if it happens again."
)
