"""Tables, which whoever looks may download: Streamlit's own button writes cells as they are."""

from streamlit.testing.v1 import AppTest


def table() -> None:
    from pages.parts.values import draw_rows

    draw_rows(
        {"Name": ["=HYPERLINK(1)", "@x", "-3", "ocr", None], "Won": [1, 2, 3, 4, -5]},
        key="rows",
        alt="names",
    )


def test_a_name_in_a_table_is_no_formula_in_a_spreadsheet_either():
    rows = AppTest.from_function(table, default_timeout=20).run().dataframe[0].value

    assert rows["Name"].tolist()[:4] == ["\u200b=HYPERLINK(1)", "\u200b@x", "-3", "ocr"]
    assert rows["Won"].tolist() == [1, 2, 3, 4, -5]
