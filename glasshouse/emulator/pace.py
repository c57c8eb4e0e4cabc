"""How fast the scripted agent is, in seconds. All zero by default: tests want no waiting."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    chunk_s: float = 0.0  # between two deltas of a message
    think_s: float = 0.0  # before each model request, as if the model were reading
    idle_s: float = 0.0  # between a call and the idle that asks for its result; the real API has some
    interrupt_s: float = 0.0  # until an interrupt is applied; its `processed_at` is null meanwhile
    status_lag_s: float = 0.0  # GET shows the status this much later than the stream does
    ping_s: float = 15.0  # between keep-alives on a stream


DEMO = Pace(chunk_s=0.03, think_s=0.35, idle_s=0.02)
