"""Charts: what is drawn, and the same rows as CSV."""

from gateway.web.charts import BarChart, ChartRow, ShapeChart


def test_bars_grow_with_their_numbers_and_the_fullest_leaves_room_for_its_number() -> None:
    chart = BarChart(
        "x",
        "X",
        ("Who", "Score"),
        [ChartRow("A", (50,)), ChartRow("B", (0,)), ChartRow("C", (100,))],
        "/x.csv",
        full=100,
    )
    assert [placed.marks for placed in chart.placed_rows] == [(40.0,), (0.0,), (80.0,)]


def test_bars_of_nothing_are_empty() -> None:
    chart = BarChart("x", "X", ("Who", "Score"), [ChartRow("A", (0,))], "/x.csv")
    assert chart.placed_rows[0].marks == (0.0,)
    assert BarChart("x", "X", ("Who", "Score"), [], "/x.csv").height == 0.0


def test_a_shape_has_an_area_that_grows_with_its_number_and_none_for_nothing() -> None:
    chart = ShapeChart("x", "X", ("T", "A", "B", "C", "P"), [ChartRow("T", (4, 1, 0, "nobody asked"))], "/x.csv")
    (placed,) = chart.placed_rows
    assert placed.marks == (1.4, 0.95, 0.0)


def test_long_labels_take_several_lines_and_push_what_follows_down() -> None:
    short, long = (
        BarChart("x", "X", ("Who", "Score"), [ChartRow(label, (1,)), ChartRow("B", (1,))], "/x.csv")
        for label in ("A", "People who draw on care and support and others")
    )
    assert len(long.placed_rows[0].lines) == 2
    assert long.placed_rows[1].top > short.placed_rows[1].top
    assert long.height > short.height


def test_a_spreadsheet_takes_no_label_for_a_formula() -> None:
    chart = BarChart("x", "X", ("Who", "Score"), [ChartRow("=1+1", (1,)), ChartRow('A "B", C', (2,))], "/x.csv")
    response = chart.csv()
    assert bytes(response.body).decode("utf-8-sig") == 'Who,Score\r\n\'=1+1,1\r\n"A ""B"", C",2\r\n'
    assert response.headers["content-disposition"] == 'attachment; filename="x.csv"'
