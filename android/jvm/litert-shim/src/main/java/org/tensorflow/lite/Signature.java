package org.tensorflow.lite;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One signature of a compiled model and its tensors, by name. */
final class Signature {
    final String key;
    final Map<String, SignatureTensor> inputs = new LinkedHashMap<>();
    final Map<String, SignatureTensor> outputs = new LinkedHashMap<>();
    private final long index;
    private final Memory inputBuffers;
    private final Memory outputBuffers;

    Signature(Pointer model, Pointer compiled, long index) {
        Pointer signature = LiteRt.handle(
            "LiteRtGetModelSignature", out -> LiteRt.LiteRtGetModelSignature(model, index, out));
        this.index = index;
        this.key = LiteRt.text("LiteRtGetSignatureKey", out -> LiteRt.LiteRtGetSignatureKey(signature, out));
        try {
            long count = LiteRt.size(
                "LiteRtGetNumSignatureInputs", out -> LiteRt.LiteRtGetNumSignatureInputs(signature, out));
            for (long i = 0; i < count; i++) {
                addInput(signature, compiled, i);
            }
            count = LiteRt.size(
                "LiteRtGetNumSignatureOutputs", out -> LiteRt.LiteRtGetNumSignatureOutputs(signature, out));
            for (long i = 0; i < count; i++) {
                addOutput(signature, compiled, i);
            }
        } catch (RuntimeException e) {
            destroy();
            throw e;
        }
        this.inputBuffers = handles(inputs.values());
        this.outputBuffers = handles(outputs.values());
    }

    private void addInput(Pointer signature, Pointer compiled, long i) {
        String name = LiteRt.text(
            "LiteRtGetSignatureInputName", out -> LiteRt.LiteRtGetSignatureInputName(signature, i, out));
        Pointer tensor = LiteRt.handle(
            "LiteRtGetSignatureInputTensorByIndex",
            out -> LiteRt.LiteRtGetSignatureInputTensorByIndex(signature, i, out));
        Pointer requirements = LiteRt.handle(
            "LiteRtGetCompiledModelInputBufferRequirements",
            out -> LiteRt.LiteRtGetCompiledModelInputBufferRequirements(compiled, index, i, out));
        inputs.put(name, new SignatureTensor(name, tensor, requirements));
    }

    private void addOutput(Pointer signature, Pointer compiled, long i) {
        String name = LiteRt.text(
            "LiteRtGetSignatureOutputName", out -> LiteRt.LiteRtGetSignatureOutputName(signature, i, out));
        Pointer tensor = LiteRt.handle(
            "LiteRtGetSignatureOutputTensorByIndex",
            out -> LiteRt.LiteRtGetSignatureOutputTensorByIndex(signature, i, out));
        Pointer requirements = LiteRt.handle(
            "LiteRtGetCompiledModelOutputBufferRequirements",
            out -> LiteRt.LiteRtGetCompiledModelOutputBufferRequirements(compiled, index, i, out));
        outputs.put(name, new SignatureTensor(name, tensor, requirements));
    }

    /** Everything is checked before the first byte is written, so that a refusal changes nothing. */
    void run(Pointer compiled, Map<String, Object> from, Map<String, Object> to) {
        if (!from.keySet().equals(inputs.keySet())) {
            throw new IllegalArgumentException(
                "signature " + key + ": inputs are " + inputs.keySet() + ", given were " + from.keySet());
        }
        if (!outputs.keySet().containsAll(to.keySet())) {
            throw new IllegalArgumentException(
                "signature " + key + ": outputs are " + outputs.keySet() + ", asked for were " + to.keySet());
        }
        from.forEach((name, value) -> inputs.get(name).checked(value, "input"));
        to.forEach((name, value) -> outputs.get(name).checked(value, "output"));
        from.forEach((name, value) -> inputs.get(name).write(value));
        LiteRt.check(
            "LiteRtRunCompiledModel",
            LiteRt.LiteRtRunCompiledModel(
                compiled, index, inputs.size(), inputBuffers, outputs.size(), outputBuffers));
        to.forEach((name, value) -> outputs.get(name).read(value));
    }

    void destroy() {
        List<SignatureTensor> all = new ArrayList<>(inputs.values());
        all.addAll(outputs.values());
        all.forEach(SignatureTensor::destroy);
    }

    private static Memory handles(Collection<SignatureTensor> tensors) {
        Memory handles = new Memory(8L * Math.max(1, tensors.size()));
        long at = 0;
        for (SignatureTensor tensor : tensors) {
            handles.setPointer(at, tensor.buffer());
            at += 8;
        }
        return handles;
    }
}
