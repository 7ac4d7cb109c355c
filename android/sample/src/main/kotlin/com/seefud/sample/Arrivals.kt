package com.seefud.sample

import com.seefud.recommender.Product

/**
 * Products from CSV text with a header and the columns Title and Ingredients; a field may stand in double quotes, in
 * which two of them mean one (RFC 4180). Real apps get their products from a server; the sample stays offline.
 */
fun productsOf(csv: String): List<Product> =
    records(csv).drop(1).filter { it[0].isNotBlank() }.map { Product(it[0], it.getOrElse(1) { "" }) }

private fun records(csv: String): List<List<String>> {
    val records = ArrayList<List<String>>()
    var fields = ArrayList<String>()
    val field = StringBuilder()
    var quoted = false

    fun endField() {
        fields.add(field.toString())
        field.setLength(0)
    }
    for (character in csv) {
        when {
            character == '"' -> {
                // The second of two quotes inside a quoted field opens it again, and stands for itself.
                if (!quoted && field.isNotEmpty()) field.append('"')
                quoted = !quoted
            }
            quoted -> field.append(character)
            character == ',' -> endField()
            character == '\n' -> {
                endField()
                records.add(fields)
                fields = ArrayList()
            }
            character != '\r' -> field.append(character)
        }
    }
    if (field.isNotEmpty() || fields.isNotEmpty()) {
        endField()
        records.add(fields)
    }
    return records
}
