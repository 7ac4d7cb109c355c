package com.seefud.recommender

import com.seefud.recommender.core.BundleDocument
import com.seefud.recommender.core.Model
import org.tensorflow.lite.Interpreter
import java.io.Closeable
import java.nio.Buffer
import java.nio.ByteBuffer
import java.nio.FloatBuffer

private const val REBUILD = "build the model again or copy it again"
private const val ADD_RUNTIME =
    "add com.google.ai.edge.litert:litert or org.tensorflow:tensorflow-lite to the app, for this phone's processor"

/**
 * A model on the TFLite interpreter: the only code that knows it. Tensors are addressed by signature and name. Their
 * buffers live as long as the model, so a call allocates next to nothing. Of the interpreter
 * only members of TensorFlow Lite 2.16.1 are used, whose names LiteRT keeps. Not safe for several threads.
 */
internal class TfliteModel private constructor(private val interpreter: Interpreter, document: BundleDocument) :
    Model,
    Closeable {
    private val forms = SignatureForm.all(document)
    private val recommend = Call(forms.getValue("recommend"))
    private val embedProducts = Call(forms.getValue("embed_products"))
    private val embedText = Call(forms.getValue("embed_text"))
    private val score = Call(forms.getValue("score"), long = "scores")

    override fun recommend(history: IntArray, weights: FloatArray, items: IntArray, scores: FloatArray) {
        recommend.put("history", history)
        recommend.put("weights", weights)
        recommend.run()
        recommend.get("items", items)
        recommend.get("scores", scores)
    }

    override fun embedProducts(products: IntArray, vectors: FloatArray) {
        embedProducts.put("products", products)
        embedProducts.run()
        embedProducts.get("vectors", vectors)
    }

    override fun embedText(tokens: IntArray, vector: FloatArray) {
        embedText.put("tokens", tokens)
        embedText.run()
        embedText.get("vector", vector)
    }

    override fun score(profile: FloatArray): FloatBuffer {
        score.put("profile", profile)
        score.run()
        return score.view("scores").asFloatBuffer()
    }

    override fun close(): Unit = interpreter.close()

    /**
     * One signature with its buffers.
     *
     * @param long an output without one, because it is so long that it is read where the interpreter has it: see [view]
     */
    private inner class Call(private val form: SignatureForm, long: String? = null) {
        private val buffers = (form.inputs + form.outputs).filterKeys { it != long }.mapValues { it.value.buffer() }
        private val inputs: Map<String, Any> = form.inputs.mapValues { (name, _) -> buffers.getValue(name).asTensor }
        private val outputs = HashMap<String, Any>()

        init {
            for (name in form.outputs.keys) buffers[name]?.let { outputs[name] = it.asTensor }
        }

        fun put(name: String, values: IntArray) = buffers.getValue(name).put(values)

        fun put(name: String, values: FloatArray) = buffers.getValue(name).put(values)

        fun get(name: String, values: IntArray) = buffers.getValue(name).get(values)

        fun get(name: String, values: FloatArray) = buffers.getValue(name).get(values)

        /** The interpreter's own memory of an output, asked for anew: a call may move it. Valid until the next one. */
        fun view(name: String): ByteBuffer =
            interpreter.getOutputTensorFromSignature(name, form.key).asReadOnlyBuffer()

        fun run() {
            // The interpreter writes from an output's position on and moves it.
            for (output in outputs.values) (output as Buffer).rewind()
            try {
                interpreter.runSignature(inputs, outputs, form.key)
            } catch (problem: RuntimeException) {
                throw failure("signature ${form.key}", "an answer", problem, "report this with the model's id")
            }
        }
    }

    companion object {
        /**
         * Starts an interpreter and checks that it sees the tensors that the document promises.
         *
         * @param flatbuffer direct or mapped, native order; must stay as it is until [close]
         * @param name of the file, for messages
         * @throws MissingSignatureException the interpreter does not list one of the four signatures
         * @throws WrongTensorException a tensor has another name, type or shape
         * @throws RuntimeFailureException there is no runtime, or it refused the model
         */
        fun open(flatbuffer: ByteBuffer, document: BundleDocument, threads: Int, name: String): TfliteModel {
            val interpreter = start(flatbuffer, threads, name)
            try {
                checkSignatures(interpreter, document, name)
                return TfliteModel(interpreter, document)
            } catch (problem: Throwable) {
                interpreter.close()
                throw problem
            }
        }

        private fun start(flatbuffer: ByteBuffer, threads: Int, name: String): Interpreter = try {
            Interpreter(flatbuffer, Interpreter.Options().setNumThreads(threads))
        } catch (problem: LinkageError) {
            throw failure(name, "the TFLite runtime", problem, ADD_RUNTIME)
        } catch (problem: RuntimeException) {
            throw failure(name, "a TFLite runtime that takes this model", problem, "use a newer runtime")
        }

        private fun failure(where: String, expected: String, problem: Throwable, remedy: String) =
            RuntimeFailureException(where, expected, problem.toString().trim(), remedy, problem)

        private fun checkSignatures(interpreter: Interpreter, document: BundleDocument, name: String) {
            val forms = SignatureForm.all(document)
            val keys = interpreter.signatureKeys.toSet()
            if (!keys.containsAll(forms.keys)) {
                val found = keys.sorted().joinToString(", ").ifEmpty { "no signature" }
                throw MissingSignatureException(name, "signatures " + forms.keys.joinToString(", "), found, REBUILD)
            }
            for ((key, form) in forms) {
                checkTensors("$name: inputs of $key", form.inputs, interpreter.getSignatureInputs(key)) {
                    val tensor = interpreter.getInputTensorFromSignature(it, key)
                    TensorForm(tensor.dataType().name.lowercase(), tensor.shape().toList())
                }
                checkTensors("$name: outputs of $key", form.outputs, interpreter.getSignatureOutputs(key)) {
                    val tensor = interpreter.getOutputTensorFromSignature(it, key)
                    TensorForm(tensor.dataType().name.lowercase(), tensor.shape().toList())
                }
            }
        }

        private fun checkTensors(
            place: String,
            expected: Map<String, TensorForm>,
            names: Array<String>,
            found: (String) -> TensorForm,
        ) {
            if (names.toSet() != expected.keys) {
                val listed = names.sorted().joinToString(" and ").ifEmpty { "none" }
                throw WrongTensorException(place, expected.keys.sorted().joinToString(" and "), listed, REBUILD)
            }
            for ((name, form) in expected) {
                val actual = found(name)
                if (actual == form) continue
                throw WrongTensorException("$place: $name", form.toString(), actual.toString(), REBUILD)
            }
        }
    }
}
