package com.seefud.sample

/**
 * Whether what a person does is kept on the phone.
 *
 * @property note what to say of it; null where there is nothing to say
 */
enum class Keeping(val note: Int?) {
    KEPT(null),

    /** A damaged file was set aside, and a new one begun. */
    BEGUN_ANEW(R.string.keeping_begun_anew),

    /** The phone is full. What is done counts until the app ends. */
    FULL(R.string.keeping_full),

    /** The file can be neither read nor written. What is done counts until the app ends. */
    FAILED(R.string.keeping_failed),
}
