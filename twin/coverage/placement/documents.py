"""Suggestions as plain values, for JSON."""

from typing import Any, Final

from shapely.geometry import mapping

from twin.coverage.placement.wish import Proof, Suggestion

_DECIMALS: Final = 4


def suggestion_document(suggestion: Suggestion) -> dict[str, Any]:
    """A suggestion; areas are GeoJSON geometries in the site frame."""
    return {
        "way": suggestion.way,
        "is_met": suggestion.is_met,
        "cost": round(suggestion.cost, _DECIMALS),
        "devices": [device.model_dump(mode="json", exclude_defaults=True) for device in suggestion.devices],
        "changed": list(suggestion.changed),
        "proof": _proof(suggestion.proof),
        "gains": [
            {
                "place": gain.place_id,
                "requirement": gain.requirement,
                "min_share_ratio": gain.min_share_ratio,
                "before_ratio": round(gain.before_ratio, _DECIMALS),
                "after_ratio": round(gain.after_ratio, _DECIMALS),
                "is_met": gain.is_met,
            }
            for gain in suggestion.gains
        ],
        "unmet": [
            {
                "place": unmet.place_id,
                "requirement": unmet.requirement,
                "reason": unmet.reason,
                "area_m2": round(unmet.area_m2, _DECIMALS),
                "area": mapping(unmet.area),
            }
            for unmet in suggestion.unmet
        ],
    }


def _proof(proof: Proof) -> dict[str, Any]:
    return {
        "goal": proof.goal,
        "reached": round(proof.reached, _DECIMALS),
        "bound": round(proof.bound, _DECIMALS),
        "gap_ratio": round(proof.gap_ratio, _DECIMALS),
        "is_optimal": proof.is_optimal,
        "candidates": proof.candidates,
        "considered": proof.considered,
        "spots": proof.spots,
        "asked": proof.asked,
    }
