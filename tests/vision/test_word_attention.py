"""Word saliency of transformers: which rows are a word's, where texts and pictures stand, and what is paid to them."""

from __future__ import annotations

import math
import re

import families
import pytest
import torch
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.engine import Engine
from guidewidgets.vision.saliency import CrossAttention
from guidewidgets.vision.saliency.attention import attention, per_word, tokens_of
from guidewidgets.vision.saliency.meeting import shares, watched

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*seems to be guidance-distilled:UserWarning"),
    pytest.mark.filterwarnings("ignore:size .* is far from this model's own:UserWarning"),
    pytest.mark.filterwarnings("ignore:`FluxPosEmbed` is deprecated:FutureWarning"),
]
PROMPT, WORD = "a hat on a fox", "hat"
JOINT = (
    *("SD3", "FLUX.1 dev", "FLUX.2 klein base", "FLUX.2 dev", "Z-Image"),
    *("Qwen-Image", "Lumina 2", "Chroma", "AuraFlow"),
)
CROSS = ("PixArt-Σ", "Sana", "Sana-Sprint", "HunyuanDiT")


@pytest.fixture(scope="module")
def made(words):
    """Engines by name, built when first asked for."""
    kept = {}

    def make(name):
        if name not in kept:
            pipeline = families.FAMILIES[name].build(words)
            for where, weight in pipeline.transformer.named_parameters():
                if "refiner" in where and "to_out" in where:
                    weight.data.zero_()  # so that a text's tokens are still apart where they meet the picture
            kept[name] = Engine.load(pipeline)
        return kept[name]

    return make


def numbered(monkeypatch, encoder, seen):
    """Let the states of a text encoder be the places of its tokens, and note these."""
    forward = encoder.forward

    def told(*args, **how):
        ids = how.get("input_ids", args[0] if args else None)
        out = forward(*args, **how)
        for states in (out.last_hidden_state, *(out.hidden_states or ())):
            if states is not None:
                line = torch.arange(ids.shape[-1], dtype=states.dtype)
                states.copy_(len(seen) * 10_000 + line[:, None].expand(states.shape[-2:]))
        seen.append(ids[0].tolist())
        return out

    monkeypatch.setattr(encoder, "forward", told)


@pytest.mark.parametrize("name", [*JOINT, *CROSS])
def test_rows_are_the_letters_of_the_word(monkeypatch, made, name):
    """The tiny tokenizers spell, so that what a row was made of can be read."""
    engine = made(name)
    pipeline, family, seen = engine.pipeline, engine.network.family, []
    reading = [reading.tokens._tokenizer for reading in family.readings(PROMPT)]
    for key in ("text_encoder", "text_encoder_2", "text_encoder_3"):
        if getattr(pipeline, key.replace("text_encoder", "tokenizer"), None) in reading:
            encoder = getattr(pipeline, key)
            numbered(monkeypatch, getattr(encoder, "model", encoder), seen)
    states, read = family.encode(PROMPT).states, ""
    for row in tokens_of(engine, PROMPT, WORD):
        call, place = divmod(int(states[row, 0]), 10_000)
        letter = reading[min(call, len(reading) - 1)].convert_ids_to_tokens(seen[call][place])
        read += letter.removesuffix("</w>").strip()
    assert read == WORD * len(reading)


def test_states_that_are_padded_in_front(words):
    """Kolors' are."""
    engine = Engine.load(families.FAMILIES["Kolors"].build(words))
    rows, tokenizer = tokens_of(engine, PROMPT, WORD), engine.pipeline.tokenizer
    ids = tokenizer([PROMPT], padding="max_length", max_length=256).input_ids[0]
    assert "".join(tokenizer.convert_ids_to_tokens([ids[row] for row in rows])).strip() == WORD
    assert CrossAttention(engine, PROMPT, WORD)(torch.rand(1, 3, 16, 16)).max() == 1


def asked(engine, x, offset=None):
    """Queries and keys of every layer that is watched, (heads · L, d) and (heads · S, d), and the answer."""
    network, seen = engine.network, []

    def see(q, k, mask, scale):
        seen.append((q[0].transpose(0, 1).flatten(1), k[0].transpose(0, 1).flatten(1)))

    size = (x.shape[-1] * engine.codec.factor, x.shape[-2] * engine.codec.factor)
    with torch.no_grad(), watched(network.module, network.family.attends, see):
        answer = network.ask(x, torch.zeros(1, dtype=torch.long), [PROMPT], 500.0, size, [offset])
    return seen, answer


@pytest.mark.parametrize("name", [*JOINT, *CROSS])
def test_what_stands_where(made, name):
    """One row of the text changes one key of the first layer, one patch of the latent one query of it."""
    engine = made(name)
    family = engine.network.family
    x = engine.noise(1, seed=1, size=families.FAMILIES[name].small)
    places, wide = x.shape[-2] * x.shape[-1] // family.unit**2, x.shape[-1] // family.unit
    states = engine.network.encoded(PROMPT).states
    row = tokens_of(engine, PROMPT, WORD)[-1]
    offset = torch.zeros_like(states)
    offset[row] = torch.linspace(-3, 3, states.shape[-1])
    x_moved = x.clone()
    u = family.unit
    x_moved[..., u : 2 * u, 2 * u : 3 * u] += 1.0  # of the second row the third
    (first, *_), _ = asked(engine, x, torch.zeros_like(states))
    (told, *_), _ = asked(engine, x, offset)
    (seen, *_), _ = asked(engine, x_moved, torch.zeros_like(states))
    keys = (told[1] - first[1]).abs().amax(1).nonzero().flatten().tolist()
    queries = (seen[0] - first[0]).abs().amax(1).nonzero().flatten().tolist()
    text = family.text_at(places)
    assert keys == [text + row]
    picture = 0 if text >= places else len(first[0]) - places
    if name in ("Z-Image", "Lumina 2", *CROSS):  # whose places have met before
        assert min(queries) >= picture
        assert max(queries) < picture + places
        assert (seen[0] - first[0]).abs().amax(1).argmax() == picture + wide + 2
    else:
        assert queries == [picture + wide + 2]


@pytest.mark.parametrize("name", [*JOINT, *CROSS])
def test_shares_are_those_of_plain_softmax(monkeypatch, made, name):
    """The network is run on attention written out; it gives the same answer, and its probabilities are the oracle."""
    engine = made(name)
    family, written = engine.network.family, []
    x = engine.noise(1, seed=1, size=families.FAMILIES[name].small)
    places = x.shape[-2] * x.shape[-1] // family.unit**2
    rows = tokens_of(engine, PROMPT, WORD)
    _, plain = asked(engine, x)

    def attend(
        query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False
    ):
        if enable_gqa:
            key, value = (v.repeat_interleave(query.shape[1] // v.shape[1], 1) for v in (key, value))
        logits = torch.einsum("bhqd,bhkd->bhqk", query, key) * (scale or 1 / math.sqrt(query.shape[-1]))
        if attn_mask is not None and attn_mask.dtype == torch.bool:
            logits = torch.where(attn_mask, logits, -torch.inf)
        elif attn_mask is not None:
            logits = logits + attn_mask
        paid = torch.softmax(logits, -1)
        if inside:
            written.append(paid[0].mean(0))
        return paid @ value

    inside, found = [], []
    layers = [m for n, m in engine.network.module.named_modules() if re.search(family.attends, n)]
    with monkeypatch.context() as patch:
        patch.setattr(F, "scaled_dot_product_attention", attend)
        handles = [m.register_forward_pre_hook(lambda *_: inside.append(1)) for m in layers]
        handles += [m.register_forward_hook(lambda *_: inside.pop() and None) for m in layers]
        _, answer = asked(engine, x)
        for handle in handles:
            handle.remove()
    assert (answer - plain).abs().max() <= 1e-4 * plain.abs().max()  # float32, sums in another order
    text = family.text_at(places)

    def see(q, k, mask, scale):
        found.append(shares(q, k, mask, scale, [[text + row] for row in rows]))

    size = families.FAMILIES[name].small
    with torch.no_grad(), watched(engine.network.module, family.attends, see):
        engine.network.ask(x, torch.zeros(1, dtype=torch.long), [PROMPT], 500.0, size)
    assert len(found) == len(written) >= 1
    for ours, theirs in zip(found, written, strict=True):
        expected = theirs[:, [text + row for row in rows]].T
        # Of some 0.01; deeper layers saw what sums in another order made of the picture.
        assert (ours - expected).abs().max() < 1e-4 * max(1.0, float(expected.max()) / 0.01)


def test_shares_of_a_known_case():
    """Place p looks at key p alone, but for what is masked; e^20 leaves the others 2e-9."""
    q = 20.0 * torch.eye(4).expand(1, 2, 4, 4)
    k = torch.eye(4)[None, None]  # one head of keys for two of queries
    assert torch.allclose(
        shares(q, k, None, 1.0, [[2], [0, 1]]), torch.tensor([[0, 0, 1, 0], [0.5, 0.5, 0, 0]])
    )
    allowed = torch.tensor([True, True, False, True])
    assert torch.allclose(shares(q, k, allowed, 1.0, [[2], [0]])[:, 2], torch.tensor([0, 1 / 3]))
    even = shares(q, k, torch.log(torch.tensor([1.0, 2.0, 3.0, 4.0])), 1e-9, [[3]])  # the mask alone counts
    assert torch.allclose(even, torch.full((1, 4), 0.4))
    assert torch.allclose(
        shares(q, k, None, None, [[0]])[0, 1], 1 / (torch.tensor(10.0).exp() + 3)
    )  # 20 / √4


@pytest.mark.parametrize("name", ["SD3", "FLUX.1 dev"])
def test_who_asks_nothing_looks_everywhere_alike(words, name):
    """With queries of zero every key gets the same: 1/S."""
    engine = Engine.load(families.FAMILIES[name].build(words))
    for where, weight in engine.network.module.named_parameters():
        if ".to_q." in where or ".add_q_proj." in where:
            weight.data.zero_()
    keys = len(engine.network.encoded(PROMPT).states) + 16
    maps = attention(engine, torch.rand(1, 3, 16, 16), PROMPT, [tokens_of(engine, PROMPT, WORD)], (0.5,))
    layers = sum(1 for n, _ in engine.network.module.named_modules() if n.endswith(".attn"))
    assert torch.allclose(maps[0], torch.full((1, 16, 16), layers / keys), atol=1e-6)


def test_words_of_a_wide_picture(made):
    """A batch is as good as one by one, hooks are taken off again, and the pipeline's answer stays the same."""
    engine = made("Qwen-Image")
    x, pictures = engine.noise(1), torch.rand(2, 3, 16, 24, generator=torch.Generator().manual_seed(0))
    before = engine.render(x, PROMPT, steps=1)
    maps = per_word(engine, pictures, PROMPT, [WORD, "fox"])
    assert maps[WORD].shape == (2, 16, 24)
    assert (maps[WORD] - maps["fox"]).abs().max() > 0.1
    alone = CrossAttention(engine, PROMPT, WORD)(pictures[1:])
    assert (alone - maps[WORD][1:]).abs().max() < 1e-4  # which is encoded alone
    assert torch.equal(engine.render(x, PROMPT, steps=1), before)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in engine.network.module.modules())


def test_compiled_networks_are_run_as_they_were_written(words):
    def never(*_):
        raise AssertionError("compiled")

    pipeline = families.FAMILIES["FLUX.1 schnell"].build(words)
    picture = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    plain = CrossAttention(Engine.load(pipeline), PROMPT, WORD)(picture)
    for block in pipeline.transformer.single_transformer_blocks:  # as `compile_repeated_blocks` does
        block.compile(backend=never)
    assert torch.equal(CrossAttention(Engine.load(pipeline), PROMPT, WORD)(picture), plain)


def test_refused_by_name(monkeypatch, made):
    engine = made("FLUX.1 dev")
    picture = torch.rand(1, 3, 16, 16)
    with pytest.raises(ValueError, match="word='dog': expected one of the prompt"):
        CrossAttention(engine, PROMPT, "dog")
    with monkeypatch.context() as patch:
        patch.setattr(type(engine.network.family), "attends", "")
        with pytest.raises(
            ValueError, match=r"'hat': .* has no layers where places of the picture look at words"
        ):
            CrossAttention(engine, PROMPT, WORD)
    source = CrossAttention(engine, PROMPT, WORD)
    with monkeypatch.context() as patch:  # as another backend of attention does, torch is not asked
        patch.setattr(F, "scaled_dot_product_attention", lambda query, key, value, **_: value)
        with pytest.raises(ValueError, match=r"set_attention_backend\('native'\)"):
            source(picture)
