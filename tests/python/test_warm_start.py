"""Warm start: what is taken over from an old file, what its builds say, that nothing leaks, and what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from python.building_process import OPTIONS, run_build
from python.conftest import Built, Fails, Run
from python.made_market import MadeMarket, make_market
from seefud.build import build
from seefud.build_data import read_data
from seefud.candidate_recipes import candidate_recipes
from seefud.errors import InputError
from seefud.experiment import Experiment
from seefud.model import Kind, Model
from seefud.prepared import Prepared
from seefud.saved_model import load_tables
from seefud.starting_rows import StartingRows
from seefud.training import train_rows
from seefud.training_recipe import TrainingRecipe
from seefud.warm_start import EarlierModel, WarmStart, kept_recipes, read_earlier_model
from seefud_converter.bundle import read_bundle
from seefud_converter.errors import ArchiveError, DocumentError, ForeignModelError, NotAModelError
from seefud_converter.runtime import Runtime

RENAMED = {"udang goreng": "Udang Kukus", "ketan bakar": "ketan durian"}
"""The first of each pair retires, the second is new; ``durian`` is a word that the old file does not know."""


def later_market() -> MadeMarket:
    """The same kitchens a season later: two dishes came and went, titles are spelt in capitals, others are popular."""
    market = make_market(seed=6)
    return replace(market, titles=tuple(RENAMED.get(title, title.upper()) for title in market.titles))


def prepared_of(market: MadeMarket, folder: Path) -> Prepared:
    files = market.write(folder)
    return read_data(files.products, files.interactions, OPTIONS).prepared


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("later")
    return prepared_of(later_market(), folder)


@pytest.fixture(scope="module")
def warm_again(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build on the very data of the old file, which has therefore seen every product that a split holds back."""
    out = tmp_path_factory.mktemp("again") / "model"
    done = run_build(built.files.products.parent, out, start_from=built.model)
    assert done.returncode == 0, done.stderr[-4000:]
    return out


def report_of(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return content


def first_rows(warm: WarmStart, prepared: Prepared, kind: Kind = Kind.HYBRID) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The rows before the first step."""
    return train_rows(
        prepared.interactions,
        prepared.product_tokens,
        kind=kind,
        dimension=warm.start.rows.shape[1],
        recipe=TrainingRecipe(),
        epochs=0,
        start=warm.start,
    ).rows


def test_known_products_keep_the_rows_of_the_file_whatever_their_new_number(built: Built, later: Prepared) -> None:
    rows = first_rows(read_earlier_model(built.model).matched(later), later)
    old = read_bundle(built.model)
    stored = Runtime.open(built.model).embed_products(list(range(len(old.products))))
    numbers = {title.casefold(): row for row, title in enumerate(old.products)}
    kept = [(row, numbers[key]) for row, key in enumerate(later.keys) if key in numbers]
    assert len(kept) == 58
    assert sum(row != number for row, number in kept) > 30, "popularity has changed"
    for row, number in kept:
        length = np.linalg.norm(stored[number])
        np.testing.assert_allclose(rows[row], stored[number] / length, atol=1e-5)
        assert length == pytest.approx(1, abs=0.01), "only the rounding to int8 is undone"


def test_new_products_begin_at_what_the_file_says_of_their_text(built: Built, later: Prepared) -> None:
    rows = first_rows(read_earlier_model(built.model).matched(later), later)
    runtime, number = Runtime.open(built.model), {token: n for n, token in enumerate(read_bundle(built.model).tokens)}
    for title in RENAMED.values():
        row = later.products.index(title)
        words = [later.tokens[token] for token in later.product_tokens[row].indices]
        known = sorted(number[word] for word in words if word in number)
        assert known
        np.testing.assert_allclose(rows[row], runtime.embed_text(known), atol=1e-5)


def test_what_came_stayed_and_went_is_counted(built: Built, later: Prepared) -> None:
    warm = read_earlier_model(built.model).matched(later)
    old = read_bundle(built.model)
    kept = len(set(old.tokens) & set(later.tokens))
    assert warm.origin == {
        "model_id": old.document["model_id"],
        "products": {"kept": 58, "new": 2, "retired": 2},
        "tokens": {"kept": kept, "new": len(later.tokens) - kept, "retired": len(old.tokens) - kept},
    }
    assert warm.start.rows.shape == (60, 16)
    assert warm.start.token_rows.shape == (len(later.tokens), 16)
    gone = [title for title in RENAMED if title in later.keys]
    assert gone == []
    new = [later.products.index(title) for title in RENAMED.values()]
    assert not warm.start.rows[new].any()


def test_the_saved_model_gives_the_same_start_without_the_rounding(built: Built, later: Prepared) -> None:
    from_file = read_earlier_model(built.model)
    from_folder = read_earlier_model(built.folder / "saved_model")
    assert (from_folder.products, from_folder.tokens) == (list(from_file.products), list(from_file.tokens))
    assert from_folder.training == from_file.training != {}
    np.testing.assert_allclose(from_folder.rows, from_file.rows, atol=0.01)
    table, tokens = load_tables(built.folder / "saved_model")
    np.testing.assert_allclose(from_folder.rows, table[:, :-1], atol=1e-6)
    assert np.array_equal(from_folder.token_rows, tokens)
    assert len(from_folder.model_id) == 12
    assert from_folder.matched(later).origin["products"] == from_file.matched(later).origin["products"]


def test_rows_of_tokens_alone_begin_near_the_old_ones(built: Built) -> None:
    """Where rows are made of tokens, the tokens must give the rows back, not the appeal that the file's table adds."""
    prepared = read_data(built.files.products, built.files.interactions, OPTIONS).prepared
    trained = train_rows(
        prepared.interactions,
        prepared.product_tokens,
        kind=Kind.CONTENT,
        dimension=16,
        recipe=TrainingRecipe(epochs=30),
    ).rows
    earlier = EarlierModel(
        "old", "0" * 12, "content", prepared.products, (), trained, np.zeros((0, 16), np.float32), {}
    )
    rows = first_rows(earlier.matched(prepared), prepared, Kind.CONTENT)
    assert float((rows * trained).sum(axis=1).mean()) > 0.97


def test_the_old_recipe_is_kept_where_it_is_a_candidate() -> None:
    nothing = np.zeros((1, 2), np.float32)
    with_text = candidate_recipes(900, 500, True)

    def kept(name: str | None) -> Sequence[str]:
        return [each for each, _ in kept_recipes(with_text, WarmStart(StartingRows(nothing, nothing), name, {}))]

    assert kept("nmse") == ["nmse"]
    assert kept("softmax with neighbours") == kept(None) == ["mixed", "nmse"], "not one of these data, or not said"
    assert kept_recipes(with_text, None) == with_text


def test_a_build_says_what_it_started_from(built: Built, warm_again: Path) -> None:
    report, old = report_of(warm_again), built.report
    scratch, warm = old["training"], report["training"]
    assert scratch["from"] is None
    assert warm["from"] == {
        "model_id": old["file"]["model_id"],
        "products": {"kept": 60, "new": 0, "retired": 0},
        "tokens": {"kept": old["data"]["tokens"], "new": 0, "retired": 0},
    }
    assert [each["name"] for each in report["choices"]["candidates"]] == [scratch["recipe"]] == [warm["recipe"]]
    assert 1 <= warm["steps"] <= scratch["steps"] / 3
    assert report["options"]["from"] == "seefud.tflite"
    assert old["options"]["from"] is None
    for folder, training in ((warm_again, warm), (built.folder, scratch)):
        assert read_bundle(folder / "seefud.tflite").document["training"] == training
        written = json.loads((folder / "saved_model/assets.extra/bundle.json").read_text(encoding="utf-8"))
        assert written["training"] == training


def test_no_metric_comes_from_rows_that_have_seen_the_holdout(built: Built, warm_again: Path) -> None:
    """The old file knows every held pair: a single number that differed from a build without it would be a leak."""
    report, old = report_of(warm_again), built.report
    assert report["metrics"] == old["metrics"] != {}
    assert report["evaluations"] == old["evaluations"]
    assert report["cold"] == old["cold"] != []
    for choice in ("epochs", "beta", "taste", "ridge", "cold_prior", "calibration", "recency"):
        assert report["choices"][choice] == old["choices"][choice], choice
    assert report["notes"][-1].startswith("The metrics are those of a model trained from scratch: the earlier file may")
    # What ships is another model all the same.
    assert (warm_again / "seefud.tflite").read_bytes() != built.model.read_bytes()


def test_what_ships_stays_nearer_to_the_old_file_than_a_model_of_another_seed(built: Built, warm_again: Path) -> None:
    data = read_data(built.files.products, built.files.interactions, OPTIONS)
    warm_rows = load_tables(warm_again / "saved_model")[0][:, :-1]
    old_rows = load_tables(built.folder / "saved_model")[0][:, :-1]
    choices = built.report["choices"]
    settings: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in choices["recipe"].items()
    }
    other = Experiment(data.prepared.product_tokens, OPTIONS.kind, (16,), seed=9).train(
        "other", data.prepared.interactions, TrainingRecipe(**settings), epochs=choices["epochs"]
    )
    warm = data.prepared.counts > 0

    def distance(rows: np.ndarray[Any, np.dtype[np.float32]]) -> float:
        return float(np.abs(rows[warm] @ rows[warm].T - old_rows[warm] @ old_rows[warm].T).mean())

    assert distance(warm_rows) < distance(other.rows)


@pytest.mark.slow
@pytest.mark.parametrize("with_holdout", [False, True])
def test_only_a_holdout_file_lets_the_measured_model_start_from_the_old_one(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_holdout: bool
) -> None:
    fits: list[tuple[str, bool]] = []
    fit = Experiment.fit

    def noted(self: Experiment, name: str, *arguments: Any, **named: Any) -> Model:
        fits.append((name, (arguments[2] if len(arguments) > 2 else named.get("start")) is not None))
        return fit(self, name, *arguments, **named)

    monkeypatch.setattr(Experiment, "fit", noted)
    options = replace(OPTIONS, start_from=built.folder / "saved_model", baselines=("random",))
    if with_holdout:
        options = replace(options, holdout=built.files.holdout, cold=False)
    result = build(built.files.products, built.files.interactions, tmp_path / "model", options)
    split = [("measured", False), ("cold", False), ("final", True)]
    assert fits == ([("measured", True)] if with_holdout else split)
    remark = "the metrics hold only if that file was not trained on the interactions of the holdout"
    assert (remark in result.report["notes"][-1]) is with_holdout


@pytest.mark.slow
def test_a_killed_warm_build_goes_on_and_gives_the_same_bytes(built: Built, warm_again: Path, tmp_path: Path) -> None:
    folder, out = built.files.products.parent, tmp_path / "model"
    killed = run_build(folder, out, "final: 3", built.model)
    assert killed.returncode == -9, killed.stderr[-2000:]
    went_on = run_build(folder, out, start_from=built.model)
    assert went_on.returncode == 0, went_on.stderr[-2000:]
    assert next(line for line in went_on.stdout.splitlines() if ": " in line) == "final: 3"
    for name in ("seefud.tflite", "golden.json"):
        assert (out / name).read_bytes() == (warm_again / name).read_bytes(), name


@pytest.mark.slow
def test_the_program_starts_from_a_file(built: Built, run: Run, tmp_path: Path) -> None:
    """A season later, by `train`, which measures nothing."""
    files = later_market().write(tmp_path)
    code, out, error = run(
        *("train", files.products, files.interactions, "--out", tmp_path / "saved"),
        *("--from", built.model, "--json"),
    )
    assert code == 0, error
    assert [each["name"] for each in json.loads(out)["candidates"]] == [built.report["training"]["recipe"]]
    document = json.loads((tmp_path / "saved/assets.extra/bundle.json").read_text(encoding="utf-8"))
    assert document["training"]["from"]["products"] == {"kept": 58, "new": 2, "retired": 2}
    again = read_earlier_model(tmp_path / "saved")
    assert again.training["from"]["model_id"] == read_bundle(built.model).document["model_id"]


def test_another_dimension_or_kind_is_refused(built: Built, fails: Fails, tmp_path: Path) -> None:
    data = built.files.products, built.files.interactions
    start = ["build", *data, "--out", tmp_path / "model", "--from", built.model]
    assert (
        "--from seefud.tflite: expected vectors of length 64, found 16; leave --dimension out to keep it, or leave "
        "--from out to train from scratch"
    ) in fails(*start, "--dimension", 64)
    assert (
        "--from seefud.tflite: expected a content model, found a hybrid one; give --kind hybrid, or leave --from out "
        "to train from scratch"
    ) in fails(*start, "--kind", "content")
    assert not (tmp_path / "model").exists(), "refused before anything is made"


def test_a_place_without_a_model_is_refused(built: Built, fails: Fails, tmp_path: Path) -> None:
    data = built.files.products, built.files.interactions
    start = ["build", *data, "--out", tmp_path / "model", "--dimension", 16, "--from"]
    expected = "expected a .tflite of seefud or its saved_model folder"
    assert f"{tmp_path}/none.tflite: {expected}, found nothing; check the path" in fails(
        *start, tmp_path / "none.tflite"
    )
    assert f"{built.folder}: {expected}, found a folder without saved_model.pb; name the file in it" in fails(
        *start, built.folder
    )


def test_a_catalogue_without_a_common_product_is_refused(built: Built, later: Prepared) -> None:
    strangers = replace(later, keys=tuple(f"number {n}" for n in range(len(later.keys))))
    old = read_bundle(built.model).products[0]
    with pytest.raises(
        InputError,
        match=rf"--from seefud.tflite: expected some of its products in the catalogue, found none of 60 \(the first is "
        rf"'{old}'\); give the file that was built for this catalogue, or leave --from out",
    ):
        read_earlier_model(built.model).matched(strangers)


def test_damaged_and_foreign_files_are_refused_by_name(built: Built, tmp_path: Path) -> None:
    content = bytearray(built.model.read_bytes())
    file = tmp_path / "old.tflite"
    file.write_bytes(b"PK" + bytes(content[2:4]) + b"none" + bytes(content[8:]))
    with pytest.raises(NotAModelError, match="expected the identifier"):
        read_earlier_model(file)
    title = content.rindex(read_bundle(built.model).products[3].encode())
    content[title] ^= 1
    file.write_bytes(content)
    with pytest.raises(
        ArchiveError, match=r"old\.tflite: expected an intact archive, found Bad CRC-32 for file 'products"
    ):
        read_earlier_model(file)


def test_a_damaged_saved_model_is_refused_by_name(built: Built, tmp_path: Path) -> None:
    folder = tmp_path / "saved_model"
    shutil.copytree(built.folder / "saved_model", folder)
    draft = folder / "assets.extra" / "bundle.json"
    document = json.loads(draft.read_text(encoding="utf-8"))
    draft.write_text(json.dumps({**document, "dimension": 15}), encoding="utf-8")
    with pytest.raises(
        InputError,
        match=r"saved_model: expected finite tables of \(60, 16\) and \(\d+, 15\) numbers, found \(60, 17\) and "
        r"\(\d+, 16\); build it again",
    ):
        read_earlier_model(folder)
    draft.write_text(json.dumps({**document, "kind": 5}), encoding="utf-8")
    with pytest.raises(DocumentError, match="kind: expected a word, found 5"):
        read_earlier_model(folder)
    draft.write_text("{}", encoding="utf-8")
    with pytest.raises(ForeignModelError, match="expected a schema version, found none"):
        read_earlier_model(folder)


@pytest.mark.parametrize("training", [None, [], {}, {"taste": "much", "recipe": 7}, {"taste": True}, {"taste": -1.0}])
def test_what_a_file_says_of_its_training_is_not_trusted(built: Built, tmp_path: Path, training: object) -> None:
    """Files from before it was written, and files that say nonsense, start as if all recipes were to be tried."""
    folder = tmp_path / "saved_model"
    shutil.copytree(built.folder / "saved_model", folder)
    draft = folder / "assets.extra" / "bundle.json"
    document = json.loads(draft.read_text(encoding="utf-8"))
    document.pop("training")
    draft.write_text(json.dumps(document if training is None else {**document, "training": training}), encoding="utf-8")
    prepared = read_data(built.files.products, built.files.interactions, OPTIONS).prepared
    earlier = read_earlier_model(folder)
    assert np.array_equal(earlier.rows, read_earlier_model(built.folder / "saved_model").rows)
    recipes = candidate_recipes(80, 60, True)
    assert kept_recipes(recipes, earlier.matched(prepared)) == recipes
