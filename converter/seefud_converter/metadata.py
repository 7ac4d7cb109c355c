"""TFLite metadata: names, descriptions and files of every tensor, for tools that know nothing about Seefud.

tflite-support's populator checks the metadata against the model and works out the least parser version. It
knows one subgraph only, so the first (`recommend`) goes through it and the other three are added afterwards,
which readers on all platforms accept. Its rewriting of the model is thrown away: it does not align buffers
and dates its zip entries with the clock; only the metadata buffer is kept.
"""

from __future__ import annotations

import ctypes
import json
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from .errors import ConverterError
from .graph import METADATA_NAME, SIGNATURES, Graph, Signature, read_graph
from .repack import repack

__all__ = ["embed_metadata", "metadata_json"]

_SIGNATURE_TEXTS = {
    "recommend": "The best products for a history, without the history's own. Ties go to the lower row.",
    "embed_products": "Rows of the product table.",
    "embed_text": "The unit vector of a bag of tokens; zeros if none is known.",
    "score": "Scores of all products for a profile, a weighted sum of rows of any length.",
}

_TENSOR_TEXTS = {
    (
        "recommend",
        "history",
    ): "Rows of the products in the history, as lines of products.txt from 0; -1 is padding.",
    ("recommend", "weights"): "Weight of each product in the history.",
    ("recommend", "items"): "Rows of the recommended products, best first.",
    ("recommend", "scores"): "Their scores: cosine to the profile plus the prior.",
    ("embed_products", "products"): "Rows of products; -1 gives zeros.",
    ("embed_products", "vectors"): "Unit vectors, without the prior's column.",
    ("embed_text", "tokens"): "Distinct tokens, as lines of tokens.txt from 0; -1 is padding.",
    ("embed_text", "vector"): "Unit vector of the text.",
    ("score", "profile"): "Weighted sum of product and text vectors; zeros rank by the prior.",
    ("score", "scores"): "A score for each line of products.txt.",
}

# Tensor -> (file, name of its kind in the metadata schema, description).
_TENSOR_FILES = {
    ("recommend", "history"): ("products.txt", "VOCABULARY", "Display titles; line n is row n."),
    ("recommend", "items"): ("products.txt", "TENSOR_VALUE_LABELS", "Display titles; line n is row n."),
    ("embed_products", "products"): ("products.txt", "VOCABULARY", "Display titles; line n is row n."),
    ("embed_text", "tokens"): ("tokens.txt", "VOCABULARY", "Tokens; line n is token n."),
    ("score", "scores"): ("products.txt", "TENSOR_AXIS_LABELS", "Display titles; line n is row n."),
}

_MODEL_FILES = {
    "bundle.json": "Schema, recipe, calibration, prior, text rules, metrics and digests.",
    "ingredients.txt": "Ingredients; line n belongs to row n.",
    "tokens.txt": "Tokens; line n is token n.",
    "products.txt": "Display titles; line n is row n.",
}


def _support() -> tuple[Any, Any]:
    """The populator's module and the schema's.

    `import tflite_support` fails where TensorFlow is loaded; these two modules of the same wheel do not.
    Their native part wants libusb-1.0, which a machine without root gets from the package libusb-package.
    """
    try:
        import libusb_package

        ctypes.CDLL(str(libusb_package.get_library_path()), mode=ctypes.RTLD_GLOBAL)
    except (ImportError, OSError):
        pass  # the system may have its own
    try:
        from tensorflow_lite_support.metadata import metadata_schema_py_generated as schema
        from tensorflow_lite_support.metadata.python import metadata
    except ImportError as problem:
        raise ConverterError(
            "metadata",
            "tflite-support and libusb-1.0",
            str(problem),
            "pip install tflite-support libusb-package",
        ) from problem
    return metadata, schema


def _file(schema: Any, name: str, kind: str, description: str) -> Any:
    entry = schema.AssociatedFileT()
    entry.name, entry.description = name, description
    entry.type = getattr(schema.AssociatedFileType, kind)
    return entry


def _tensors(schema: Any, graph: Graph, signature: Signature, outputs: bool) -> list[Any]:
    """Tensor metadata in the order of the subgraph, which is not the order of the signature."""
    subgraph = graph.subgraphs[signature.subgraph]
    named = signature.outputs if outputs else signature.inputs
    entries = []
    for index in subgraph.outputs if outputs else subgraph.inputs:
        name = next(key for key, tensor in named.items() if tensor is subgraph.tensors[index])
        entry = schema.TensorMetadataT()
        entry.name, entry.description = name, _TENSOR_TEXTS[signature.key, name]
        if (signature.key, name) in _TENSOR_FILES:
            entry.associatedFiles = [_file(schema, *_TENSOR_FILES[signature.key, name])]
        entries.append(entry)
    return entries


def _subgraphs(schema: Any, graph: Graph) -> list[Any]:
    entries = []
    for key in SIGNATURES:
        entry = schema.SubGraphMetadataT()
        entry.name, entry.description = key, _SIGNATURE_TEXTS[key]
        entry.inputTensorMetadata = _tensors(schema, graph, graph.signatures[key], outputs=False)
        entry.outputTensorMetadata = _tensors(schema, graph, graph.signatures[key], outputs=True)
        entries.append(entry)
    return entries


def _packed(module: Any, model: Any) -> bytes:
    import flatbuffers

    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), module.MetadataPopulator.METADATA_FILE_IDENTIFIER)
    return bytes(builder.Output())


def embed_metadata(flatbuffer: bytes, document: Mapping[str, Any], files: Iterable[str]) -> bytes:
    """Put the metadata into a converted model.

    Args:
        flatbuffer: The model, as `quantize.convert` gives it: one subgraph for each signature, in order.
        document: The draft of bundle.json.
        files: Names of the vocabulary files; bundle.json is always added.

    Returns:
        The flatbuffer with a `TFLITE_METADATA` buffer; the same inputs give the same bytes.

    Raises:
        ConverterError: tflite-support cannot be loaded.
    """
    module, schema = _support()
    subgraphs = _subgraphs(schema, read_graph(flatbuffer))
    names = sorted({*files, "bundle.json"})
    model = schema.ModelMetadataT()
    model.name = "Seefud recommender"
    model.description = (
        f"{document['products']} products and {document['tokens']} tokens as vectors of "
        f"{document['dimension']} numbers ({document['kind']}); four signatures, see bundle.json"
    )
    model.version = f"schema {document['schema']}"
    model.associatedFiles = [_file(schema, name, "DESCRIPTIONS", _MODEL_FILES[name]) for name in names]
    model.subgraphMetadata = subgraphs[:1]
    populator = module.MetadataPopulator.with_model_buffer(flatbuffer)
    populator.load_metadata_buffer(_packed(module, model))
    # Their contents do not matter here; the populator only checks that every recorded file is packed.
    populator.load_associated_file_buffers(dict.fromkeys(names, b"-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        populator.populate()
    checked = schema.ModelMetadataT.InitFromPackedBuf(module.get_metadata_buffer(populator.get_model_buffer()))
    checked.subgraphMetadata = subgraphs
    return repack(flatbuffer, SIGNATURES, {METADATA_NAME: _packed(module, checked)})


def metadata_json(content: bytes) -> dict[str, Any]:
    """The metadata of a bundle as tflite-support's displayer shows it.

    Args:
        content: The whole bundle, or a flatbuffer with metadata.
    """
    module, _ = _support()
    shown: dict[str, Any] = json.loads(module.MetadataDisplayer.with_model_buffer(content).get_metadata_json())
    return shown
