"""Runs the benchmarks and prints one line a figure."""

import argparse
import importlib
import logging
import sys
import time

import structlog

FIGURES = {
    "bring_up": ("ready_s", "joins_done_s"),
    "directory": ("directory_query_ms",),
    "directory_search": ("directory_search_p95_ms",),
    "rollup": ("rollup_60k_p95_ms", "broadcast_workbook_peak_mb", "broadcast_workbook_stall_ms"),
    "register": ("register_read_60k_s",),
    "provisioning": ("hr_create_rate", "provision_rate"),
    "reconciler": ("hr_noop_60k_s", "hr_plan_60k_s", "hr_plan_60k_mb"),
    "webhook": ("hr_webhook_to_lock_p50_ms", "hr_webhook_to_lock_p99_ms"),
    "locks": ("hr_lock_rate", "hr_lock_closed_rate"),
    "lock_leak": ("lock_leak_p50_ms", "lock_leak_p99_ms", "lock_leaked_events"),
    "joins": ("hr_join_rate",),
    "modules": ("modules_login", "modules_send_10", "modules_send_100", "modules_send_1000", "modules_sync"),
    "share": (
        "share_first_100",
        "share_rotation_100",
        "share_first_500",
        "share_rotation_500",
        "share_first_2000",
        "share_rotation_2000",
        "share_stall_ms",
        "share_stall_cpu_ms",
    ),
    "deliveries": ("broadcast_plain_rate", "broadcast_encrypted_rate"),
    "news": ("news_webhook_rooms", "news_webhook_first_client_s", "news_webhook_last_client_s"),
    "announcement": ("broadcast_rooms", "broadcast_first_room_s", "broadcast_last_room_s", "broadcast_peak_mb"),
    "direct": ("broadcast_direct_500_s",),
    "joining": ("broadcast_joining_700_s", "broadcast_first_start_700_s"),
    "periods": (
        *(
            f"periods{phrases}_{what}_pct"
            for phrases in ("", "_folded", "_held_out", "_held_out_folded")
            for what in ("understood", "wrong", "dateparser_wrong")
        ),
        "periods_ms",
    ),
    "replies": ("bot_reply_p50_ms", "bot_reply_p95_ms"),
    "idle_bots": ("bots_idle_mb", "bots_first_start_s", "bots_start_s", "bots_all_ready_s", "bot_ready_s"),
    "commands": ("commands_per_s",),
}
"""Which module measures which figures; each has `measure() -> Iterator[Figure]`."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--only", default="", help="names of figures or modules, separated by commas")
    only = {name for name in parser.parse_args().only.split(",") if name}
    known = set(FIGURES) | {name for names in FIGURES.values() for name in names}
    if unknown := only - known:
        print(
            f"No such benchmark: {', '.join(sorted(unknown))}. There are: {', '.join(sorted(known))}.", file=sys.stderr
        )
        return 2
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    for module, names in FIGURES.items():
        if only and module not in only and not only.intersection(names):
            continue
        started = time.monotonic()
        print(f"# {module} ...", flush=True)
        for figure in importlib.import_module(f"benchmarks.{module}").measure():
            print(figure, flush=True)
        print(f"# {module} took {time.monotonic() - started:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
