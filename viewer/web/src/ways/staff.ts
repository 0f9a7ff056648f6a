/** Whom to send: the staff with how long each takes to a place on foot, the soonest first. */

import { api } from "../api";
import { coded, said } from "../i18n";
import { store } from "../store";
import type { ObjectRef, StaffMember } from "../types";
import { useLoad } from "../ui/load";
import { durationText } from "../units";

/** More than any site's staff who state a base. */
const MOST = 200;

/** Options of a choice among the staff; without a place, or where nobody gets to it on foot, without times. */
export function useStaffOptions(place: ObjectRef | null): { value: string; text: string }[] {
  const key = place === null ? null : `${place.type}:${place.id}`;
  const { data } = useLoad(key, (signal) => api.nearest(place!.id, "crew", "crew", true, MOST, signal));
  const times = new Map((data?.places ?? []).map((near) => [near.id, near.duration_s]));
  return soonestFirst(store.staff.value, times).map((member) => ({
    value: member.id,
    text: [said(member.name) || member.id, coded("role", member.role), times.has(member.id) ? durationText(times.get(member.id)!) : ""].filter(Boolean).join(" · "),
  }));
}

/** The order of the register is kept among those who take as long, and of whom nothing is known. */
export function soonestFirst(staff: readonly StaffMember[], times: ReadonlyMap<string, number>): StaffMember[] {
  const took = (member: StaffMember): number => times.get(member.id) ?? Infinity;
  return [...staff].sort((a, b) => (took(a) === took(b) ? 0 : took(a) - took(b)));
}
