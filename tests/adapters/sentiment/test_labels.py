"""Labelled headlines: FiQA's shape is read, what is no label is refused with its row."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.sentiment.labels import Labels, labels
from nodes.vocabulary.errors import DataError, EdgeError
from tests.adapters.sentiment.made import BAD, COMPANIES, LABELLED_AT, made_labels


def read(folder: Path, text: str) -> Labels:
    path = folder / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return labels(path, LABELLED_AT)


def test_labels_have_their_words_their_target_and_their_side(tmp_path: Path) -> None:
    found = made_labels(tmp_path)

    assert (len(found.sentences), int(found.is_positive.sum()), found.n_neutral) == (60, 30, 1)
    assert (found.sentences[0], found.targets[0]) == ("Tesco profit rises", "Tesco")


def test_rows_of_one_headline_are_one_group_whatever_their_case(tmp_path: Path) -> None:
    rows = [f"Profit {n} rises,X{n},0.5\nPROFIT  {n} rises,Y{n},-0.5" for n in range(12)]
    found = read(tmp_path, "\n".join(["sentence,target,score", *rows]))

    assert len(set(found.headline_groups)) == 12


def test_rows_of_one_target_are_one_group_when_asked(tmp_path: Path) -> None:
    assert len(set(made_labels(tmp_path).target_groups)) == len(COMPANIES)


def test_rows_without_a_target_stay_apart(tmp_path: Path) -> None:
    rows = [f"{words} {n},{tone}" for n in range(10) for words, tone in (("up", 0.5), (BAD[0], -0.5))]
    found = read(tmp_path, "\n".join(["sentence,sentiment_score", *rows]))

    assert len(set(found.target_groups)) == 20


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("Profit rises,good", "row 1 is no label: sentiment was 'good'"),
        ("Profit rises,1.5", "row 1 is no label: sentiment was '1.5'"),
        ("Profit rises,nan", "row 1 is no label: sentiment was 'nan'"),
        ("Profit rises,", "row 1 is no label: sentiment was None"),
        (" ,0.5", "row 1 is no label.*give words and a number"),
        ("Profit rises,0.5", "has 1 positive and 0 negative labels beyond 0.1; supply at least 10 of each"),
    ],
)
def test_what_is_no_label_is_refused_with_its_row(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, f"sentence,sentiment\n{row}\n")


def test_other_columns_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has columns \['text', 'mood'\]; name one 'sentence'"):
        read(tmp_path, "text,mood\na,1\n")


def test_a_file_that_is_no_table_or_is_not_there_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "labels.parquet"
    broken.write_bytes(b"PAR1 not really")

    with pytest.raises(DataError, match="is no table"):
        labels(broken, LABELLED_AT)
    with pytest.raises(EdgeError, match=r"gone\.csv cannot be read: No such file"):
        labels(tmp_path / "gone.csv", LABELLED_AT)


def test_the_shared_headlines_are_read(shared_data: Path) -> None:
    found = labels(shared_data / "f2_fiqa_headlines_train.parquet", LABELLED_AT)

    assert (len(found.sentences), found.n_neutral) == (333, 46)
    assert found.is_positive.mean() == pytest.approx(0.673, abs=0.001)
