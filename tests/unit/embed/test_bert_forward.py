import math

import numpy as np

from docsearch_cli.embed.bert_forward import gelu


def test_gelu_is_that_of_the_normal_distribution():
    values = np.linspace(-12, 12, 100_001).astype(np.float32)
    expected = [x * (1 + math.erf(x / math.sqrt(2))) / 2 for x in values.astype(np.float64)]

    gelu(values)

    assert np.abs(values - expected).max() < 7e-7


def test_gelu_of_what_is_far_out_is_nothing_or_all():
    values = np.array([[-3e38, -1e10, -1e3, -30.0], [0.0, 30.0, 1e3, 3e38]], dtype=np.float32)

    with np.errstate(over="ignore"):
        gelu(values)

    assert values.tolist()[0] == [0, 0, 0, 0]
    assert values.tolist()[1] == [0, 30, 1000, np.float32(3e38)]
