"""What a trained model says of each bar. Which model: the champion of the family that the policy names.

The snapshot brings the exported model itself, so that a run archives what it was scored with.
"""

from __future__ import annotations

from nodes.kernels.arrays import column
from nodes.kernels.onnx.scoring import feature_scores, frame_digest
from nodes.vocabulary.units import Features, Panel, ScoreColumn, Text


def model_digest(model: Panel) -> Text:
    """Digest of the model that scores: that of the version's exported bytes in the registry.

    Formula: SHA-256 of the bytes
    Unit: text. Missing: absent where the family has no champion, or its bytes are not there.
    Source: FIPS 180-4.
    """
    return Text(frame_digest(model))


def model_score(model: Panel, model_digest: Text, model_family: Text, model_features: Features) -> ScoreColumn:
    """What the champion of the policy's model family predicts for each bar: a probability, or a value.

    Formula: the operations of the exported model, in 64-bit floats, over the features that it names
    Unit: as the model was trained: probability of class 1, or the target's unit. Missing: null where the model has no
    prediction, as for a row without a feature that no training row lacked; absent where a feature or the model is.
    Source: ONNX 1.16, operator sets ai.onnx 21 and ai.onnx.ml 5.
    """
    name = f"{model_family} ({model_digest})"
    return ScoreColumn(column(feature_scores(model, model_features, name)))
