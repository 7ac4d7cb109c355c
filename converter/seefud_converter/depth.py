"""The file in one interpreter, compared with everything that it could be compared with."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from .comparison import LIST_LENGTH, Setting, Worst, all_right, mean, profile_of, relative
from .emulation import ExactModel
from .new_products import NewProducts
from .parity_report import Check
from .ranking import Ranking, overlap, same_up_to_ties, top_k
from .runtime import Runtime

__all__ = ["compare_in_depth"]


def compare_in_depth(setting: Setting, runtime: Runtime) -> list[Check]:
    """One interpreter against the kernels' arithmetic, exact arithmetic and the float model, on every case.

    Args:
        setting: The file, its references and the histories.
        runtime: The interpreter that the file is judged in.

    Returns:
        The checks `kernel.*`, `exact.*`, `ties*` and `float.*`.
    """
    prior, rule = setting.bundle.document["prior"], NewProducts.of(setting.bundle.document)
    kernel, opened = setting.kernel, setting.opened
    exact = ExactModel.of_stored(kernel.tables)
    trained = ExactModel(opened.products, opened.tokens, prior["gain"]) if opened else None
    by_kind: dict[str, Worst] = {}
    vectors, absolute, cold = Worst(), Worst(), Worst()
    ranking: list[bool] = []
    in_graph: list[bool] = []
    to_exact, to_float, tied, halves = [], [], [], []
    gains: list[tuple[float, float]] = []
    for case in setting.cases:
        worst = by_kind.setdefault(case.kind, Worst())
        with setting.failures.watch(case):
            profile = profile_of(runtime, case)
            scores = runtime.score(profile)
            vectors.add(relative(profile_of(kernel, case), profile), case.kind)
            match = kernel.nearest(profile, scores)
            setting.failures.check(match.scores, "emulation")
            worst.add(match.error, case.kind)
            halves.append(match.halves > 0)
            best = top_k(scores, LIST_LENGTH, case.history)
            ranking.append(same_up_to_ties(best.rows, match.scores, case.history, setting.tie))
            tied.append(len(np.unique(best.scores)) < len(best.scores))
            true = exact.score(profile_of(exact, case))
            absolute.add(float(np.abs(true - scores).max()), case.kind)
            to_exact.append(overlap(best.rows, top_k(true, LIST_LENGTH, case.history).rows))
            for text in case.texts:
                vector = exact.embed_text(text)
                direction = profile_of(exact, case)
                unit = direction / np.sqrt((direction**2).sum() + 1e-12)
                known = sum(token >= 0 for token in text)
                expected = vector @ unit + rule.prior(known)
                found = runtime.score_cold(profile, runtime.embed_text(text), [known])[0]
                cold.add(abs(float(found - expected)), case.kind)
            if trained is not None:
                wanted = top_k(trained.score(profile_of(trained, case)), LIST_LENGTH, case.history)
                to_float.append(overlap(best.rows, wanted.rows))
                if case.relevant:
                    gains.append((_ndcg(wanted, case.relevant), _ndcg(best, case.relevant)))
            if setting.fits(case):
                own = runtime.recommend_in_graph(case.history, case.weights)
                answer = kernel.nearest(profile, own.scores, own.rows)
                in_graph.append(
                    len(own.rows) == setting.graph_length(case)
                    and answer.error <= setting.limits.scores
                    and same_up_to_ties(own.rows, answer.scores, case.history, setting.tie)
                )
    kinds = [
        Check.at_most(f"kernel.scores[{kind}]", worst.value, setting.limits.scores, f"{worst.count} histories")
        for kind, worst in by_kind.items()
    ]
    checks = [
        Check.at_most("kernel.vectors", vectors.value, setting.limits.scores, f"relative; worst: {vectors.where}"),
        *kinds,
        all_right("kernel.ranking", ranking, "lists differ beyond ties"),
        all_right("kernel.recommend", in_graph, "lists of the graph's own recommend differ beyond ties"),
        Check.at_most("kernel.cold", cold.value, setting.limits.scores, "scores of products without a row"),
        Check.reported("kernel.halves", mean(halves), "share of queries with a value half way between steps"),
        Check.at_most("exact.scores", absolute.value, setting.limits.exact, f"worst: {absolute.where}"),
        Check.at_least(
            f"exact.overlap@{LIST_LENGTH}",
            mean(to_exact),
            setting.limits.exact_overlap,
            f"{len(to_exact)} lists",
        ),
        Check.reported(f"ties@{LIST_LENGTH}", mean(tied), "share of lists that hold equal scores"),
    ]
    names = (f"float.overlap@{LIST_LENGTH}", f"float.ndcg@{LIST_LENGTH}-loss")
    if trained is None:
        return checks + [Check.skipped(name, "no SavedModel given") for name in names]
    checks.append(Check.at_least(names[0], mean(to_float), setting.limits.float_overlap, f"{len(to_float)} lists"))
    if not gains:
        return [*checks, Check.skipped(names[1], "no holdout given")]
    return [*checks, _ndcg_loss(names[1], gains, setting.limits.ndcg_loss)]


def _ndcg_loss(name: str, gains: Sequence[tuple[float, float]], limit: float) -> Check:
    """The mean paired loss; on a holdout of a few users one swapped pair is more than the limit, and says nothing.

    So a loss above the limit fails only if it is also larger than two of its standard errors.
    """
    pairs = np.asarray(gains)
    losses = pairs[:, 0] - pairs[:, 1]
    error = float(losses.std(ddof=1) / np.sqrt(len(losses))) if len(losses) > 1 else float("inf")
    detail = f"{pairs[:, 0].mean():.4f} to {pairs[:, 1].mean():.4f} for {len(losses)} users"
    loss = float(losses.mean())
    if loss > limit and loss <= 2 * error:
        return Check(name, loss, "<=", limit, "pass", f"{detail}; within two standard errors ({error:.4f}) of no loss")
    return Check.at_most(name, loss, limit, detail)


def _ndcg(ranking: Ranking, relevant: Collection[int]) -> float:
    """NDCG@20 with gain 1 for each relevant row: Järvelin and Kekäläinen, 2002."""
    discounts = 1 / np.log2(np.arange(2, LIST_LENGTH + 2))
    hits = np.isin(ranking.rows, list(relevant))
    return float((hits * discounts[: len(hits)]).sum() / discounts[: min(len(relevant), LIST_LENGTH)].sum())
