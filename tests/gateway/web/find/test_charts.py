"""Charts: what is drawn, and the same rows as CSV."""

from gateway.web.charts import BarChart, ChartRow, ContentText, ShapeChart


def test_bars_grow_with_their_numbers() -> None:
    chart = BarChart(
        "x",
        "X",
        ("Who", "Score"),
        [ChartRow("A", (50,)), ChartRow("B", (0,)), ChartRow("C", (100,))],
        "/x.csv",
        full=200,
    )
    assert [drawn.marks for drawn in chart.drawn_rows] == [(25.0,), (0.0,), (50.0,)]


def test_bars_of_nothing_are_empty_and_none_of_them_leads() -> None:
    chart = BarChart("x", "X", ("Who", "Score"), [ChartRow("A", (0,))], "/x.csv")
    assert chart.drawn_rows[0].marks == (0.0,)
    assert chart.leaders == []
    assert BarChart("x", "X", ("Who", "Score"), [], "/x.csv").drawn_rows == []


def test_equal_bars_lead_together() -> None:
    rows = [ChartRow("A", (7,)), ChartRow("B", (3,)), ChartRow("C", (7,))]
    chart = BarChart("x", "X", ("Who", "Score"), rows, "/x.csv")
    assert [row.label for row in chart.leaders] == ["A", "C"]


def test_a_shape_has_an_area_that_grows_with_its_number_and_none_for_nothing() -> None:
    chart = ShapeChart("x", "X", ("T", "A", "B", "C", "P"), [ChartRow("T", (4, 1, 0, "nobody asked"))], "/x.csv")
    (drawn,) = chart.drawn_rows
    assert drawn.marks == (1.4, 0.95, 0.0)


def test_what_the_picture_leaves_out_stands_in_the_file() -> None:
    rows = [ChartRow("A", (1, 1, 1)), ChartRow("B", (9, 0, 0), drawn=False)]
    chart = ShapeChart("x", "X", ("T", "A", "B", "C"), rows, "/x.csv")
    assert [drawn.row.label for drawn in chart.drawn_rows] == ["A"]
    assert b"B,9,0,0" in bytes(chart.csv().body)


def test_a_spreadsheet_takes_no_label_for_a_formula() -> None:
    chart = BarChart("x", "X", ("Who", "Score"), [ChartRow("=1+1", (1,)), ChartRow('A "B", C', (2,))], "/x.csv")
    response = chart.csv()
    assert bytes(response.body).decode("utf-8-sig") == 'Who,Score\r\n\'=1+1,1\r\n"A ""B"", C",2\r\n'
    assert response.headers["content-disposition"] == 'attachment; filename="x.csv"'


def test_the_language_of_a_title_changes_nothing_of_the_file() -> None:
    title = ContentText("Gofalu am Dad", "cy")
    chart = BarChart("x", "X", ("Who", "Score"), [ChartRow(title, (1,))], "/x.csv")
    assert bytes(chart.csv().body).decode("utf-8-sig") == "Who,Score\r\nGofalu am Dad,1\r\n"
    assert (chart.drawn_rows[0].row.label, title.language) == ("Gofalu am Dad", "cy")
