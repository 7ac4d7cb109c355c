"""The main job: what it leaves, what its report says, that a kill costs nothing, that nothing bad ships."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from python.building_process import OPTIONS, run_build
from python.conftest import Built
from python.made_market import ROWS
from seefud.build_data import read_data
from seefud.build_options import BuildOptions
from seefud.errors import InputError
from seefud.experiment import Experiment
from seefud.publication import read_report
from seefud.saved_model import load_tables
from seefud.training_recipe import TrainingRecipe
from seefud_converter.bundle import read_bundle

OUTPUTS = {"seefud.tflite", "saved_model", "report.json", "golden.json"}
MODEL, REPORT, GOLDEN = "seefud.tflite", "report.json", "golden.json"


def test_leaves_the_four_outputs_and_nothing_else(built: Built) -> None:
    assert {path.name for path in built.folder.iterdir()} == OUTPUTS


def test_the_report_says_what_became_of_every_row(built: Built) -> None:
    data = built.report["data"]
    assert data["rows"] == ROWS
    assert (data["products"], data["users"], data["interactions"]) == (60, 80, 560)
    assert data["products_without_interactions"] == len(built.market.untouched) == 4
    assert [problem["text"] for problem in data["problems"]] == [
        "user3.csv line 1214, column InteractionType: 'purchaze' is not a known type; did you mean purchase? "
        "row left out; give it a weight with --weight purchaze=NUMBER",
        "user3.csv line 1212, column Title: 'udang gorang' is not in the catalogue; row left out; "
        "did you mean 'udang goreng'?",
        "user3.csv line 1213, column Title: 'batu' is not in the catalogue; row left out",
    ]
    assert len(data["products_sha256"]) == len(data["interactions_sha256"]) == 64


def test_the_report_puts_the_file_beside_the_baselines(built: Built) -> None:
    found = {each["name"]: each["metrics"] for each in built.report["evaluations"]}
    assert {"seefud (file)", "random", "popularity", "itemknn", "content", "ease"} <= found.keys()
    for metrics in found.values():
        for name in ("recall@20", "ndcg@10", "mrr@5", "hit_rate@20"):
            assert 0 <= metrics[name]["low"] <= metrics[name]["value"] <= metrics[name]["high"] <= 1
    # The market is made so that taste says far more than popularity.
    assert found["seefud (file)"]["recall@20"]["low"] > found["popularity"]["recall@20"]["value"]
    assert built.report["gain_over_popularity"]["ndcg@20"] > 0
    held = built.report["metrics"]["holdout"]["recall@20"]["value"]
    assert held == pytest.approx(found["seefud (file)"]["recall@20"]["value"], abs=1e-6)


def test_the_report_gives_the_evidence_of_every_choice(built: Built) -> None:
    choices = built.report["choices"]
    names = [each["name"] for each in choices["candidates"]]
    assert len(names) == len(set(names)) >= 2
    best = max(choices["candidates"], key=lambda each: each["ndcg@20"])
    assert choices["epochs"] == best["epochs"]
    for name, key in (("beta", "beta"), ("ridge", "ridge")):
        assert choices[name]["value"] in [entry[key] for entry in choices[name]["evidence"]]
        assert "validation" in choices[name]["rule"]
    assert choices["cold_prior"]["evidence"]
    assert choices["recency"] == {
        "value": 0.0,
        "rule": "only chosen on a split by time: on a random one fading loses by construction",
        "evidence": [],
    }
    assert 0 <= choices["expected_calibration_error"] < 0.1


def test_the_report_has_a_table_of_cold_products(built: Built) -> None:
    cold = {each["name"]: each for each in built.report["cold"]}
    assert set(cold) == {"seefud", "content"}
    for each in cold.values():
        for part in ("cold_alone", "cold_mixed", "warm_alone", "warm_mixed"):
            assert 0 <= each[part]["metrics"]["recall@5"]["value"] <= 1
    # Five cold dishes of four kitchens, told by their words: those of the own kitchen come first.
    assert cold["seefud"]["cold_alone"]["metrics"]["ndcg@5"]["value"] > 0.7


def test_the_report_has_parity_sizes_and_gates(built: Built) -> None:
    report = built.report
    assert report["parity"]["passed"] is True
    verdicts = {check["name"]: check["verdict"] for check in report["parity"]["checks"]}
    assert "fail" not in verdicts.values()
    assert verdicts["savedmodel.ranking"] == "pass"
    size = built.model.stat().st_size
    assert report["file"]["bytes"] == report["gates"]["bytes"] == size == sum(report["file"]["parts"].values())
    assert size <= report["gates"]["budget"]
    assert report["gates"]["operators"] == "ok"
    assert report["gates"]["quality"]["recall@20 over popularity"] > 0
    assert tuple(map(int, report["file"]["minimum_runtime"].split("."))) <= (2, 3, 0)
    assert report["seconds"] > 0
    assert report["peak_memory_mb"] > 0


def test_no_path_of_this_machine_is_in_any_file(built: Built) -> None:
    path = str(built.folder.parent).encode()
    for name in (MODEL, REPORT, GOLDEN):
        assert path not in (built.folder / name).read_bytes(), name


def test_the_file_carries_its_metrics_and_the_digests_of_its_data(built: Built) -> None:
    document = read_bundle(built.model).document
    assert document["metrics"] == built.report["metrics"]
    for name in ("products_sha256", "interactions_sha256"):
        assert document["data"][name] == built.report["data"][name]
    assert document["data"]["interactions"] == 560


def test_the_file_that_ships_has_seen_everything(built: Built) -> None:
    """A training of our own on all interactions gives its rows, one on the measured part does not."""
    choices = built.report["choices"]
    data = read_data(built.files.products, built.files.interactions, OPTIONS)
    settings = {name: tuple(value) if isinstance(value, list) else value for name, value in choices["recipe"].items()}
    experiment = Experiment(data.prepared.product_tokens, OPTIONS.kind, (16,), seed=OPTIONS.seed)
    shipped = load_tables(built.folder / "saved_model")[0][:, :-1]
    warm = data.prepared.counts > 0

    def distance(interactions: object) -> float:
        trained = experiment.train("again", interactions, TrainingRecipe(**settings), epochs=choices["epochs"])  # type: ignore[arg-type]
        rows = trained.rows[warm]
        # Rows are turned before they ship; what they say of each other stays.
        return float(np.abs(rows @ rows.T - shipped[warm] @ shipped[warm].T).mean())

    assert data.development.nnz < data.prepared.interactions.nnz
    assert distance(data.prepared.interactions) < 0.25 * distance(data.development)


def test_the_saved_model_answers_by_user_title_and_text(built: Built) -> None:
    """And its users' histories are all of their interactions, none held back."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(built.folder / "saved_model"))
    market = built.market
    for person in (0, 33):
        answer = loaded.signatures["serve_user"](
            user=tf.constant([market.user(person)]), k=tf.constant(60 - len(market.liked[person]))
        )
        titles = [title.decode() for title in answer["titles"].numpy()[0]]
        liked = {market.titles[dish] for dish in market.liked[person]}
        assert set(titles) == set(market.titles) - liked
        own = sum(kitchen == market.taste[person] for kitchen in market.kitchen)
        near = [market.kitchen_of(title) == market.taste[person] for title in titles]
        assert all(near[: own - len(liked)])
    by_title = loaded.signatures["serve_titles"](titles=tf.constant([["Udang GORENG"]]), k=tf.constant(3))
    by_text = loaded.signatures["serve_text"](text=tf.constant(["pisang"]), k=tf.constant(3))
    for answer, kitchen in ((by_title, "laut"), (by_text, "manis")):
        assert {market.kitchen_of(title.decode()) for title in answer["titles"].numpy()[0]} == {kitchen}
        assert (np.diff(answer["scores"].numpy()[0]) <= 0).all()
        assert ((answer["probabilities"].numpy() >= 0) & (answer["probabilities"].numpy() <= 1)).all()


@pytest.mark.slow
def test_a_killed_build_goes_on_and_gives_the_same_bytes(built: Built, tmp_path: Path) -> None:
    """Killed in the last training: the earlier ones are not repeated, and the file is that of an unbroken build."""
    out = tmp_path / "model"
    killed = run_build(built.files.products.parent, out, "final: 5")
    assert killed.returncode == -9, killed.stderr[-2000:]
    assert {path.name for path in out.iterdir()} == {".build"}
    went_on = run_build(built.files.products.parent, out)
    assert went_on.returncode == 0, went_on.stderr[-2000:]
    epochs = [line for line in went_on.stdout.splitlines() if ": " in line]
    assert epochs[0] == "final: 5", "every epoch before the killed one was saved"
    assert {path.name for path in out.iterdir()} == OUTPUTS
    for name in (MODEL, GOLDEN, "saved_model/assets.extra/bundle.json"):
        assert (out / name).read_bytes() == (built.folder / name).read_bytes(), name
    for mine, theirs in zip(load_tables(out / "saved_model"), load_tables(built.folder / "saved_model"), strict=True):
        assert np.array_equal(mine, theirs)
    again, first = read_report(out / REPORT), built.report
    for report in (again, first):
        report.pop("seconds"), report.pop("peak_memory_mb")
        for each in report["choices"]["candidates"]:
            each.pop("seconds")
    assert again == first


@pytest.mark.slow
def test_a_refused_model_leaves_the_good_one_alone(
    built: Built, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through the command line: exit code 1, the gate's message, and every file as it was but refused.json."""
    from seefud.cli import main

    shutil.copytree(built.folder, tmp_path / "model")
    before = {path: path.read_bytes() for path in (tmp_path / "model").rglob("*") if path.is_file()}
    impossible = built.report
    impossible["metrics"]["holdout"]["recall@20"]["value"] = 1.5
    (tmp_path / "committed.json").write_text(json.dumps(impossible), encoding="utf-8")
    arguments = ["build", built.files.products, built.files.interactions, "--out", tmp_path / "model"]
    options = ["--holdout", built.files.holdout, "--against", tmp_path / "committed.json", "--no-cold"]
    with pytest.raises(SystemExit) as exit_:
        main([*map(str, [*arguments, *options]), "--dimension", "16", "--baseline", "random"])
    assert exit_.value.code == 1
    error = capsys.readouterr().err
    assert "recall@20: expected at least the committed 1.5000 less 0.005" in error
    assert "Traceback" not in error
    after = {path: path.read_bytes() for path in before}
    assert after == before
    refused = json.loads((tmp_path / "model" / "refused.json").read_text(encoding="utf-8"))
    assert "expected at least the committed 1.5000" in refused["refused"]
    # Popularity is the floor of the gate, whoever else was asked for.
    names = [each["name"] for each in refused["evaluations"]]
    assert names == ["seefud (file)", "seefud (float)", "random", "popularity"]
    assert refused["data"]["holdout_interactions"] == 160
    assert refused["options"]["holdout"] == "holdout.csv"
    assert refused["cold"] == []


def test_a_split_by_time_needs_timestamps(built: Built, tmp_path: Path) -> None:
    plain = tmp_path / "plain.csv"
    plain.write_text("UserID,Title,InteractionType\n1,udang goreng,1\n1,cumi bakar,1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"--split time: no interaction has a timestamp; map a timestamp column"):
        read_data(built.files.products, plain, BuildOptions(split="time"))


@pytest.mark.parametrize("content", ["{}", "[1]", "no json", None])
def test_a_report_to_compare_with_must_be_one(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "report.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"expected the report.json of a.* build, found.*check --against"):
        read_report(path)
