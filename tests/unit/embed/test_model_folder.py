import json

import pytest

from docsearch_cli.embed.model_folder import UnsupportedModelError, read_settings, refuse_code
from tests.unit.embed.tiny_bert import HIDDEN, change_json, write_json, write_settings

LIBRARY = "sentence_transformers"


@pytest.fixture
def folder(tmp_path):
    write_settings(tmp_path)
    return tmp_path


def set_modules(folder, *modules):
    write_json(folder / "modules.json", [{"type": kind, "path": path} for kind, path in modules])


def test_settings_are_read(folder):
    settings = read_settings(folder)

    assert (settings.pooling, settings.max_tokens) == ("mean", 16)
    assert (settings.hidden, settings.layers, settings.heads) == (HIDDEN, 2, 3)
    assert settings.tokenizer["tokenizer_class"] == "BertTokenizer"


def test_the_names_that_version_6_saves_are_known(folder):
    set_modules(
        folder,
        (f"{LIBRARY}.base.modules.transformer.Transformer", ""),
        (f"{LIBRARY}.sentence_transformer.modules.pooling.Pooling", "1_Pooling"),
        (f"{LIBRARY}.base.modules.normalize.Normalize", "2_Normalize"),
    )
    write_json(
        folder / "2_Normalize" / "config.json",
        {"module_input_name": "sentence_embedding", "module_output_name": "sentence_embedding"},
    )
    write_json(
        folder / "1_Pooling" / "config.json",
        {"embedding_dimension": HIDDEN, "pooling_mode": "cls", "include_prompt": True},
    )
    write_json(
        folder / "sentence_bert_config.json",
        {
            "transformer_task": "feature-extraction",
            "modality_config": {
                "text": {"method": "forward", "method_output_name": "last_hidden_state"}
            },
            "module_output_name": "token_embeddings",
        },
    )
    write_json(
        folder / "config_sentence_transformers.json",
        {
            "model_type": "SentenceTransformer",
            "default_prompt_name": None,
            "prompts": {"query": "query: ", "document": ""},
        },
    )

    assert read_settings(folder).pooling == "cls"


def test_the_model_may_be_in_a_folder_of_its_own(folder):
    set_modules(
        folder,
        (f"{LIBRARY}.models.Transformer", "0_Transformer"),
        (f"{LIBRARY}.models.Pooling", "1_Pooling"),
    )
    (folder / "0_Transformer").mkdir()
    for name in ("config.json", "sentence_bert_config.json", "tokenizer_config.json"):
        (folder / name).rename(folder / "0_Transformer" / name)

    assert read_settings(folder).home == folder / "0_Transformer"


@pytest.mark.parametrize(
    ("in_module", "in_tokenizer", "expected"),
    [(16, 512, 16), (24, 16, 24), (None, 16, 16), (None, 512, 24), (None, 1e30, 24)],
)
def test_a_text_is_cut_where_the_reference_cuts_it(folder, in_module, in_tokenizer, expected):
    change_json(folder / "sentence_bert_config.json", max_seq_length=in_module)
    change_json(folder / "tokenizer_config.json", model_max_length=in_tokenizer)

    assert read_settings(folder).max_tokens == expected


def test_without_a_tokenizer_config_the_positions_are_the_limit(folder):
    change_json(folder / "sentence_bert_config.json", max_seq_length=None)
    (folder / "tokenizer_config.json").unlink()

    settings = read_settings(folder)

    assert (settings.max_tokens, settings.tokenizer) == (24, {})


@pytest.mark.parametrize("limit", [2, 25, -1, "16", True, 16.0])
def test_a_limit_that_the_model_cannot_have_is_refused(folder, limit):
    change_json(folder / "sentence_bert_config.json", max_seq_length=limit)

    with pytest.raises(UnsupportedModelError, match=r"sentence_bert_config\.json: max_seq_length"):
        read_settings(folder)


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("config.json", {"model_type": "mpnet"}),
        ("config.json", {"model_type": "xlm-roberta"}),
        ("config.json", {"hidden_act": "gelu_new"}),
        ("config.json", {"hidden_act": "relu"}),
        ("config.json", {"position_embedding_type": "relative_key"}),
        ("config.json", {"position_embedding_type": "alibi"}),
        ("config.json", {"is_decoder": True}),
        ("config.json", {"auto_map": {"AutoModel": "modeling.Model"}}),
        ("config.json", {"quantization_config": {"bits": 4}}),
        ("config.json", {"layer_norm_eps": "small"}),
        ("config.json", {"layer_norm_eps": None}),
        ("config.json", {"hidden_size": HIDDEN + 1}),
        ("config.json", {"hidden_size": 0}),
        ("config.json", {"num_hidden_layers": None}),
        ("config.json", {"num_attention_heads": 5}),
        ("config.json", {"num_attention_heads": True}),
        ("config.json", {"vocab_size": 1.5}),
        ("sentence_bert_config.json", {"do_lower_case": True}),
        ("sentence_bert_config.json", {"transformer_task": "fill-mask"}),
        ("sentence_bert_config.json", {"model_args": {"torch_dtype": "float16"}}),
        ("sentence_bert_config.json", {"query_expansion": {"length": 32}}),
        ("sentence_bert_config.json", {"processing_kwargs": {"text": {"max_length": 8}}}),
        ("1_Pooling/config.json", {"pooling_mode_mean_tokens": False}),
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}),
        ("1_Pooling/config.json", {"pooling_mode": "lasttoken"}),
        ("1_Pooling/config.json", {"pooling_mode": ["mean", "cls"]}),
        ("1_Pooling/config.json", {"word_embedding_dimension": HIDDEN * 2}),
        ("config_sentence_transformers.json", {"model_type": "SparseEncoder"}),
        ("config_sentence_transformers.json", {"default_prompt_name": "query"}),
    ],
)
def test_a_setting_that_changes_vectors_is_refused_with_its_file(folder, file, changes):
    if not (folder / file).exists():
        write_json(folder / file, {"prompts": {"query": "query: "}})
    change_json(folder / file, **changes)

    with pytest.raises(UnsupportedModelError, match=f"^{file}: "):
        read_settings(folder)


def test_an_empty_default_prompt_changes_nothing(folder):
    write_json(
        folder / "config_sentence_transformers.json",
        {"prompts": {"document": ""}, "default_prompt_name": "document"},
    )

    assert read_settings(folder).pooling == "mean"


@pytest.mark.parametrize(
    "modules",
    [
        [],
        [("Transformer", "")],
        [("Pooling", "1_Pooling"), ("Transformer", "")],
        [("Transformer", ""), ("Pooling", "1_Pooling"), ("Dense", "2_Dense")],
        [("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2"), ("Normalize", "3")],
        [("StaticEmbedding", "")],
    ],
)
def test_any_other_chain_of_modules_is_refused(folder, modules):
    set_modules(folder, *((f"{LIBRARY}.models.{kind}", path) for kind, path in modules))

    with pytest.raises(UnsupportedModelError, match=r"^modules\.json: modules"):
        read_settings(folder)


@pytest.mark.parametrize(
    "module",
    [
        {"type": "evil.Transformer", "path": ""},
        {"type": f"{LIBRARY}.models.Transformer", "path": "../other"},
        {"type": f"{LIBRARY}.models.Transformer", "path": "/etc"},
        {"type": f"{LIBRARY}.models.Transformer"},
        {"type": f"{LIBRARY}.models.Transformer", "path": "", "kwargs": ["task"]},
        {},
        "Transformer",
    ],
)
def test_a_module_that_is_not_plain_is_refused(folder, module):
    modules = json.loads((folder / "modules.json").read_text())
    write_json(folder / "modules.json", [module, *modules[1:]])

    with pytest.raises(UnsupportedModelError, match=r"^modules\.json: "):
        read_settings(folder)


def test_normalizing_something_else_is_refused(folder):
    set_modules(
        folder,
        (f"{LIBRARY}.models.Transformer", ""),
        (f"{LIBRARY}.models.Pooling", "1_Pooling"),
        (f"{LIBRARY}.models.Normalize", "2_Normalize"),
    )
    write_json(folder / "2_Normalize" / "config.json", {"module_input_name": "token_embeddings"})

    with pytest.raises(UnsupportedModelError, match=r"^2_Normalize/config\.json: "):
        read_settings(folder)


def test_an_adapter_is_refused(folder):
    write_json(folder / "adapter_config.json", {})

    with pytest.raises(UnsupportedModelError, match=r"^adapter_config\.json: "):
        read_settings(folder)


@pytest.mark.parametrize(
    "name", ["modules.json", "config.json", "sentence_bert_config.json", "1_Pooling/config.json"]
)
@pytest.mark.parametrize("content", [None, b"", b"{", b'"text"', b"\xff", b"[" * 100_000])
def test_a_missing_or_damaged_file_is_named(folder, name, content):
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)

    with pytest.raises(UnsupportedModelError, match=f"^{name}: "):
        read_settings(folder)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UnsupportedModelError, match=r"^modules\.json: there is no such file"):
        read_settings(tmp_path / "nowhere")


def test_code_of_the_librarys_own_may_run(folder):
    set_modules(folder, (f"{LIBRARY}.models.Dense", ""), (f"{LIBRARY}.models.Pooling", "1_Pooling"))

    refuse_code(folder)


@pytest.mark.parametrize(
    "kind", ["hostile.Module", "sentence_transformersx.Module", "os.system", ""]
)
def test_code_of_a_models_own_is_refused(folder, kind):
    set_modules(folder, (f"{LIBRARY}.models.Transformer", ""), (kind, "1_Pooling"))

    with pytest.raises(UnsupportedModelError, match="which is not run"):
        refuse_code(folder)


def set_router(folder, types, file="router_config.json"):
    set_modules(folder, (f"{LIBRARY}.models.Router", "parts"))
    (folder / "parts").mkdir()
    write_json(folder / "parts" / file, {"types": types, "structure": {}, "parameters": {}})


@pytest.mark.parametrize("file", ["config.json", "router_config.json"])
def test_a_class_from_elsewhere_is_refused_as_part_of_a_router(folder, file):
    """``joblib.numpy_pickle.load`` would run what is pickled in the part's file."""
    set_router(folder, {"part.pkl": "joblib.numpy_pickle"}, file)

    with pytest.raises(UnsupportedModelError, match=f"^parts/{file}: 'joblib"):
        refuse_code(folder)


def test_a_part_of_a_routers_part_is_checked_too(folder):
    set_router(folder, {"query": f"{LIBRARY}.models.Router"})
    (folder / "parts" / "query").mkdir()
    write_json(folder / "parts/query/router_config.json", {"types": {"x": "hostile.Module"}})

    with pytest.raises(UnsupportedModelError, match=r"^parts/query/router_config\.json: 'hostile"):
        refuse_code(folder)


@pytest.mark.parametrize("part", ["../elsewhere", "/elsewhere"])
def test_a_part_outside_of_the_folder_is_refused(folder, part):
    set_router(folder, {part: f"{LIBRARY}.models.Dense"})

    with pytest.raises(UnsupportedModelError, match="leaves the folder"):
        refuse_code(folder)


def test_a_router_of_the_librarys_own_parts_may_run(folder):
    set_router(folder, {"query": f"{LIBRARY}.models.Dense"})

    refuse_code(folder)


CLASSES = [
    ("config.json", "activation_function", "os.abort"),
    ("wordembedding_config.json", "tokenizer_class", "hostile.Tokenizer"),
]


@pytest.mark.parametrize(("file", "setting", "kind"), CLASSES)
def test_a_class_from_elsewhere_is_refused_in_a_modules_settings(folder, file, setting, kind):
    write_json(folder / "1_Pooling" / file, {setting: kind})

    with pytest.raises(UnsupportedModelError, match=f"^1_Pooling/{file}: '{kind}"):
        refuse_code(folder)


@pytest.mark.parametrize(
    ("setting", "kind"),
    [
        ("activation_function", "torch.nn.modules.activation.Tanh"),
        ("activation_function", "gelu_new"),
        ("tokenizer_class", "BertTokenizer"),
        ("tokenizer_class", f"{LIBRARY}.models.tokenizer.WhitespaceTokenizer"),
    ],
)
def test_a_class_of_the_libraries_own_may_run(folder, setting, kind):
    write_json(folder / "1_Pooling" / "config.json", {setting: kind})

    refuse_code(folder)


@pytest.mark.parametrize("modules", [{}, [1], [{}], None])
def test_a_list_of_modules_that_is_none_is_refused(folder, modules):
    write_json(folder / "modules.json", modules)

    with pytest.raises(UnsupportedModelError):
        refuse_code(folder)
