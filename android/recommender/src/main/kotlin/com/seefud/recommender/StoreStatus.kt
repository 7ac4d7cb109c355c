package com.seefud.recommender

/**
 * What a [ModelStore] holds.
 *
 * @property current number of the release that [ModelStore.open] gives; 0 for the app's asset
 * @property previous the release to go back to; 0 for the app's asset
 * @property highest the largest number that was ever installed: only larger ones are taken
 * @property problem why a release was given up, the last one; empty if none was since the last installation
 */
public class StoreStatus internal constructor(
    public val current: Long,
    public val previous: Long,
    public val highest: Long,
    public val problem: String,
) {
    override fun toString(): String = "StoreStatus(current $current, previous $previous, highest $highest, $problem)"
}
