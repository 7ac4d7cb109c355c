package com.seefud.recommender

/**
 * The recommendation that an interaction came from, by which feedback is counted. [ShownList] makes it.
 *
 * @property modelId the model that ranked, 12 hexadecimal digits; null if none did, such as for a list of new arrivals
 * @property rank place in the list, from 1
 * @property score as the product was shown with; finite
 * @property list number of the shown list within the installation, from 0
 * @throws InvalidRequestException one of them is not as said above
 */
public data class Origin @JvmOverloads constructor(
    public val modelId: String? = null,
    public val rank: Int? = null,
    public val score: Float? = null,
    public val list: Long? = null,
) {
    init {
        InteractionChecks.check(this)
    }
}
