package com.seefud.buildfiles

import org.codehaus.groovy.ast.ASTNode
import org.codehaus.groovy.ast.AnnotationNode
import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.MethodNode
import org.codehaus.groovy.ast.expr.BinaryExpression
import org.codehaus.groovy.ast.expr.ClosureExpression
import org.codehaus.groovy.ast.expr.ConstantExpression
import org.codehaus.groovy.ast.expr.DeclarationExpression
import org.codehaus.groovy.ast.expr.Expression
import org.codehaus.groovy.ast.expr.GStringExpression
import org.codehaus.groovy.ast.expr.ListExpression
import org.codehaus.groovy.ast.expr.MethodCallExpression
import org.codehaus.groovy.ast.expr.PropertyExpression
import org.codehaus.groovy.ast.expr.TupleExpression
import org.codehaus.groovy.ast.expr.VariableExpression
import org.codehaus.groovy.ast.stmt.BlockStatement
import org.codehaus.groovy.ast.stmt.ExpressionStatement
import org.codehaus.groovy.ast.stmt.ReturnStatement
import org.codehaus.groovy.ast.stmt.Statement
import org.codehaus.groovy.control.CompilationUnit
import org.codehaus.groovy.control.Phases
import java.io.File

/**
 * The settings of a Gradle file as Groovy's own parser reads it, without running it: `a { b = 1; c 'x', 'y' }` becomes
 * `a.b = 1` and `a.c = x, y`, in the order of the file.
 *
 * Classes are read too: their methods with annotations and types, and the statements of their bodies. A form that this
 * reader does not know is an error, so nothing in a file goes unread.
 *
 * @param versions replaces `libs.versions.min.sdk.get()` by the catalogue's value
 */
class GradleScript(file: File, private val versions: (String) -> String) {
    /** One line for each setting, `path = value`. */
    val settings: List<String>

    private val found = ArrayList<String>()

    init {
        val unit = CompilationUnit()
        unit.addSource(file)
        unit.compile(Phases.CONVERSION)
        val module = unit.ast.modules.single()
        module.imports.forEach { found += "import ${it.className}" }
        statements("", module.statementBlock)
        module.classes.filterNot { it.isScript }.forEach(::declaration)
        settings = found.toList()
    }

    private fun declaration(type: ClassNode) {
        for (method in type.methods) {
            found += "${type.name}.${method.name} = ${signature(method)}"
            method.code?.let { statements("${type.name}.${method.name}.", it) }
        }
    }

    private fun signature(method: MethodNode): String =
        (method.annotations.map(::annotation) + method.returnType.nameWithoutPackage).joinToString(" ")

    private fun annotation(node: AnnotationNode): String {
        val members = node.members.values.joinToString(", ", "(", ")") { text(it) }
        return "@${node.classNode.nameWithoutPackage}" + members.takeIf { node.members.isNotEmpty() }.orEmpty()
    }

    private fun statements(path: String, code: Statement) {
        when (code) {
            is BlockStatement -> code.statements.forEach { statements(path, it) }
            is ExpressionStatement -> statement(path, code.expression)
            is ReturnStatement -> statement(path, code.expression)
            else -> unknown(code)
        }
    }

    private fun statement(path: String, code: Expression) {
        when {
            code is DeclarationExpression && code.rightExpression is MethodCallExpression ->
                call(path + text(code.leftExpression) + ": ", code.rightExpression as MethodCallExpression)
            code is BinaryExpression && code.operation.text == "=" ->
                found += "$path${text(code.leftExpression)} = ${text(code.rightExpression)}"
            code is MethodCallExpression -> call(path, code)
            code is VariableExpression || code is PropertyExpression -> found += path + text(code)
            code is ConstantExpression && code.isNullExpression -> Unit
            else -> unknown(code)
        }
    }

    private fun call(path: String, call: MethodCallExpression) {
        val name = path + (if (call.isImplicitThis) "" else text(call.objectExpression) + ".") + call.methodAsString
        val arguments = (call.arguments as TupleExpression).expressions
        val block = arguments.lastOrNull() as? ClosureExpression
        val plain = arguments.dropLast(if (block == null) 0 else 1).joinToString(", ") { text(it) }
        if (block == null) {
            found += if (plain.isEmpty()) name else "$name = $plain"
        } else {
            statements(if (plain.isEmpty()) "$name." else "$name($plain).", block.code)
        }
    }

    private fun text(code: Expression): String = when (code) {
        is ConstantExpression -> code.value.toString()
        is VariableExpression -> code.name
        is PropertyExpression -> "${text(code.objectExpression)}.${code.propertyAsString}"
        is GStringExpression -> code.text
        is ListExpression -> code.expressions.joinToString(", ", "[", "]") { text(it) }
        is MethodCallExpression -> value(code)
        else -> unknown(code)
    }

    private fun value(call: MethodCallExpression): String {
        val of = if (call.isImplicitThis) "" else text(call.objectExpression)
        val arguments = (call.arguments as TupleExpression).expressions
        return when {
            of.startsWith(VERSIONS) && call.methodAsString == "get" ->
                versions(of.removePrefix(VERSIONS).replace('.', '-'))
            call.methodAsString == "toInteger" -> of.toInt().toString()
            else -> {
                val name = if (of.isEmpty()) call.methodAsString else "$of.${call.methodAsString}"
                name + arguments.joinToString(", ", "(", ")") { if (it is ClosureExpression) inside(it) else text(it) }
            }
        }
    }

    /** A block within a value, on the one line of that value. */
    private fun inside(block: ClosureExpression): String {
        val before = found.size
        statements("", block.code)
        val lines = found.subList(before, found.size).toList()
        while (found.size > before) found.removeAt(found.size - 1)
        return lines.joinToString("; ", "{ ", " }")
    }

    private fun unknown(node: ASTNode): Nothing =
        error("line ${node.lineNumber}: expected a setting, a block or a class, found ${node.javaClass.simpleName}")

    private companion object {
        const val VERSIONS = "libs.versions."
    }
}
