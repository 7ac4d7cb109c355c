package com.seefud.sample

import com.seefud.recommender.Product
import com.seefud.recommender.Ranking
import com.seefud.recommender.Reason
import com.seefud.recommender.ReasonKind
import com.seefud.recommender.Recommendation

private val MENU =
    listOf(
        Product("soto ayam lamongan", "ayam kampung, serai, kunyit, bawang putih, telur ayam, koya"),
        Product("soto kambing madura", "daging kambing, santan encer, kapulaga, daun jeruk, emping"),
        Product("sup ayam jogja", "ayam, wortel, kentang, seledri, pala"),
        Product("ayam panggang bumbu rujak", "ayam, cabe merah, gula merah, asam jawa, santan kental"),
        Product("sate jamur tahu", "jamur tiram, tahu putih, kecap manis, kacang tanah"),
        Product("gulai patin", ""),
        Product(
            "nasi goreng kampung istimewa dengan telur dadar, teri medan, petai dan sambal terasi buatan nenek",
            "nasi putih, telur ayam, teri medan, petai, cabe rawit merah, terasi bakar, bawang merah, bawang putih, " +
                "kecap manis, minyak goreng, garam, gula pasir, daun bawang, mentimun",
        ),
        Product("udang goreng lada hitam", "udang, lada hitam, mentega, bawang bombay"),
        Product("pepes ikan kembung", "ikan kembung, kemangi, kunyit, daun pisang"),
    )

private val ARRIVALS =
    listOf(
        Product("sup nila jogja", "ikan nila, jeruk nipis, wortel, seledri, daun bawang"),
        Product("kolak pisang pandan", "pisang kepok, santan encer, gula merah, daun pandan"),
    )

private val PROBABILITIES = listOf(0.213f, 0.184f, 0.121f, 0.066f, 0.031f, 0.012f, 0.004f, 0.002f, 0.001f)

/** Answers without a model, the same on every machine: for pictures, and for what only the screen decides. */
class CannedAdvisor : Advisor {
    override val model = ModelCard("b9820dcbeae2", 142_953)
    var closed = false
        private set

    override suspend fun advise(taste: Taste): Advice {
        fun allowed(product: Product) = taste.unwanted.none { it in product.ingredients || it in product.title }
        val dishes = MENU.filter(::allowed).sortedBy { it.title }
        val candidates = MENU.filter { allowed(it) && !taste.likes(it.title) && !taste.refuses(it.title) }
        val arrivals = ARRIVALS.filter { allowed(it) && !taste.refuses(it.title) }
        return Advice(
            found = if (taste.query.isBlank()) null else found(taste.query, dishes, emptyList(), 12),
            forYou = ranking(candidates.mapIndexed { rank, product -> recommendation(product, rank, taste, 17 * rank) }),
            arrivals = ranking(arrivals.mapIndexed { rank, it -> recommendation(it, rank + 2, taste, null) }),
            dishes = dishes,
            nanoseconds = 1_240_000,
        )
    }

    override fun close() {
        closed = true
    }

    private fun ranking(of: List<Recommendation>) = Ranking(of, emptyList(), emptyList(), model.id)

    /** The reasons are the liked dishes and the search, in turn. */
    private fun recommendation(product: Product, rank: Int, taste: Taste, row: Int?): Recommendation {
        val reasons =
            taste.liked.map { Reason(ReasonKind.LIKED, it.title, 0.31f) } +
                listOf(taste.query)
                    .filter { it.isNotBlank() && MENU.any { dish -> it in dish.title } }
                    .map { Reason(ReasonKind.SEARCHED, it, 0.31f) }
        val first = reasons.getOrNull(rank % maxOf(1, reasons.size))?.copy(share = 0.5f)
        val prior = Reason(ReasonKind.POPULARITY, "", 0.19f)
        return Recommendation(
            title = product.title,
            row = row,
            score = 1f - rank / 10f,
            probability = PROBABILITIES[rank],
            known = true,
            product = product,
            reasons = listOfNotNull(first) + reasons.filter { it.text != first?.text } + prior,
        )
    }
}

/** The app with [CannedAdvisor] in place of the model, and a journal in memory. */
class CannedApplication : SampleApplication() {
    override val journal = CannedJournal()

    override suspend fun openAdvisor(): Advisor = CannedAdvisor()
}
