package com.seefud.sample

import android.content.Context
import android.content.res.Configuration
import android.content.res.Resources
import android.text.BidiFormatter
import android.text.format.Formatter
import com.seefud.recommender.ReasonKind
import com.seefud.recommender.Recommendation
import java.text.DateFormat
import java.text.NumberFormat
import java.util.Date
import java.util.Locale

private const val ONE_PERCENT = 0.01f
private const val NANOSECONDS_PER_MILLISECOND = 1e6

/** Sentences and numbers in the language and the direction of the screen. */
class Wording(private val context: Context) {
    private val resources: Resources = context.resources
    private val locale: Locale = localeOfWords()
    private val bidi = BidiFormatter.getInstance(locale)

    /** Sellers write "sup ayam", "Sup Ayam" and "SUP AYAM"; the menu is of one hand. */
    fun title(text: String): String = text.lowercase(locale).replaceFirstChar { it.titlecase(locale) }

    fun percent(probability: Float): String {
        val format = NumberFormat.getPercentInstance(locale)
        if (probability >= ONE_PERCENT) return format.format(probability.toDouble())
        return resources.getString(R.string.less_than, format.format(ONE_PERCENT.toDouble()))
    }

    /** "because of sate jamur tahu, 62%": the main reason and its part of what speaks for the dish. */
    fun because(recommendation: Recommendation): String? {
        if (!recommendation.known) return resources.getString(R.string.because_unknown)
        val because = because(recommendation.reasons) ?: return null
        val part = percent(because.part)
        return when (because.kind) {
            ReasonKind.LIKED -> resources.getString(R.string.because_of_dish, dish(because.text), part)
            ReasonKind.SEARCHED -> resources.getString(R.string.because_of_search, quoted(because.text), part)
            ReasonKind.POPULARITY if because.part == 1f -> resources.getString(R.string.because_popular_only)
            ReasonKind.POPULARITY -> resources.getString(R.string.because_popular, part)
            ReasonKind.NEW_PRODUCT -> resources.getString(R.string.because_new, part)
        }
    }

    /** A dish inside a sentence. */
    private fun dish(title: String): String = quoted(title.lowercase(locale))

    fun ingredients(text: String): String = text.ifBlank { resources.getString(R.string.ingredients_unknown) }

    fun footer(model: ModelCard, nanoseconds: Long): String {
        val milliseconds = NumberFormat.getNumberInstance(locale)
        milliseconds.minimumFractionDigits = 1
        milliseconds.maximumFractionDigits = 1
        val time = milliseconds.format(nanoseconds / NANOSECONDS_PER_MILLISECOND)
        return resources.getString(
            R.string.footer,
            quoted(model.id),
            size(model.size),
            resources.getString(R.string.footer_milliseconds, time),
        )
    }

    fun size(bytes: Long): String {
        val configuration = Configuration(resources.configuration)
        configuration.setLocale(locale)
        return Formatter.formatShortFileSize(context.createConfigurationContext(configuration), bytes)
    }

    /** A day and a time of day. */
    fun time(milliseconds: Long): String =
        DateFormat.getDateTimeInstance(DateFormat.MEDIUM, DateFormat.SHORT, locale).format(Date(milliseconds))

    fun number(count: Int): String = NumberFormat.getIntegerInstance(locale).format(count)

    /** A text of any direction inside a sentence of another. */
    fun quoted(text: String): String = bidi.unicodeWrap(text)

    /** The person's own, or that of the words where the app does not speak the person's language. */
    private fun localeOfWords(): Locale {
        val words = Locale(resources.getString(R.string.language))
        return resources.configuration.locales[0].takeIf { it.language == words.language } ?: words
    }
}
