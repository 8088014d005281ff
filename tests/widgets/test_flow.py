"""The stream of frames, with a clock of its own."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from guidewidgets.widgets.flow import INTERVAL, PATIENCE, WINDOW, Flow
from guidewidgets.widgets.sender import Sender


def test_nothing_to_do_without_news():
    assert Flow().wait(0.0) is None


def test_first_news_leaves_at_once_and_the_rate_is_capped():
    flow = Flow()
    flow.mark([1])
    assert flow.wait(0.0) == 0
    assert flow.send(0.0) == (1, {1: False})
    flow.ack(1)
    flow.mark([1])
    assert flow.wait(0.0) == INTERVAL
    assert flow.wait(INTERVAL) == 0


def test_at_most_two_frames_wait_for_their_acknowledgement():
    flow = Flow()
    for i in range(WINDOW):
        flow.mark([1])
        assert flow.wait(float(i)) == 0
        flow.send(i * INTERVAL)
    flow.mark([1])
    assert flow.wait(WINDOW * INTERVAL) > 1
    flow.ack(1)
    assert flow.wait(WINDOW * INTERVAL) == 0


def test_the_newest_wins_and_only_changed_tiles_travel():
    flow = Flow()
    flow.mark([1, 2])
    flow.mark([2])
    assert flow.send(0.0)[1] == {1: False, 2: False}
    flow.mark([2])
    assert flow.send(1.0)[1] == {2: False}
    flow.mark()
    assert flow.send(2.0)[1] == {}


def test_a_closed_tab_does_not_stall_the_stream():
    flow = Flow()
    sent = []
    now = 0.0
    while now < 10:
        flow.mark([1])
        if flow.wait(now) == 0:
            sent.append(now)
            flow.send(now)
        now += 0.01
    assert 10 / PATIENCE * WINDOW - 2 <= len(sent) <= 10 / PATIENCE * WINDOW + 2


def test_what_the_server_dropped_is_sent_again_once_the_page_answers():
    flow = Flow()
    flow.mark([1])
    flow.send(0.0)
    flow.mark([2])
    flow.send(1.0)
    flow.mark([3])
    assert flow.wait(2 * PATIENCE) == 0
    seq, _ = flow.send(2 * PATIENCE)
    flow.ack(2)  # late, but there: only the first is lost
    assert flow.dirty == {1: True}
    flow.ack(seq)
    assert flow.dirty == {1: True}


def test_a_page_that_opens_starts_afresh():
    flow = Flow()
    flow.mark([1])
    flow.send(0.0)
    flow.mark([2])
    flow.restart()
    assert flow.wait(1.0) is None


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.sampled_from(["mark", "ack", "restart", "wait"]), st.integers(0, 9)), max_size=60)
)
def test_the_invariants_hold_in_any_history(events):
    """Never more than the window under way, never faster than the cap, nothing marked is forgotten."""
    flow, now, last, owed = Flow(), 0.0, -1.0, set()
    for event, value in events:
        now += 0.03 * value
        if event == "mark":
            flow.mark([value])
            owed.add(value)
        elif event == "ack":
            flow.ack(value)
            owed |= set(flow.dirty)
        elif event == "restart":
            flow.restart()
            owed.clear()
        if flow.wait(now) == 0:
            _, slots = flow.send(now)
            assert last < 0 or now - last >= INTERVAL - 1e-9
            last = now
            owed -= set(slots)
        assert owed == set(flow.dirty)
        assert len(flow._flying) <= WINDOW


class Notes:
    """An outlet that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def tell_snapshot(self) -> None:
        self.told.append("snapshot")

    def tell_state(self) -> None:
        self.told.append("state")

    def tell_frame(self, seq, slots) -> None:
        self.told.append((seq, slots))

    def tell_traits(self) -> None:
        self.told.append("traits")


def pumped(sender: Sender) -> None:
    while sender.pump():
        pass


def test_the_order_is_state_answers_frames_traits():
    notes, now = Notes(), [0.0]
    sender = Sender(notes, clock=lambda: now[0])
    sender.task(lambda: notes.told.append("answer"))
    sender.frame((1, 2))
    sender.state()
    sender.state()
    pumped(sender)
    assert notes.told == ["state", "answer", "traits", (1, {1: False, 2: False})]  # no page yet


def test_a_snapshot_makes_state_and_frames_superfluous():
    notes = Notes()
    sender = Sender(notes, clock=lambda: 0.0)
    sender.state()
    sender.frame((1,))
    sender.hello()
    pumped(sender)
    assert notes.told == ["snapshot", "traits"]


def test_traits_wait_until_the_frames_have_left():
    notes, now = Notes(), [0.0]
    sender = Sender(notes, clock=lambda: now[0])
    sender.hello()
    pumped(sender)
    for _ in range(WINDOW + 1):
        sender.frame((1,))
        pumped(sender)
        now[0] += INTERVAL
    sender.state()
    pumped(sender)
    assert notes.told[-1] == "state"
    sender.ack(1)
    pumped(sender)
    assert notes.told[-2:] == [(3, {1: False}), "traits"]


def test_one_failure_is_logged_and_the_next_thing_is_sent(caplog):
    notes = Notes()
    sender = Sender(notes, clock=lambda: 0.0)
    sender.task(lambda: 1 / 0)
    sender.task(lambda: notes.told.append("answer"))
    pumped(sender)
    assert notes.told == ["answer"]
    assert "could not be made" in caplog.text


def test_close_ends_the_thread():
    sender = Sender(Notes())
    sender.start()
    sender.close()
    assert not sender._thread.is_alive()
