import { describe, expect, it } from "vitest";
import type { StaffMember } from "../src/types";
import { soonestFirst } from "../src/ways/staff";

const member = (id: string): StaffMember => ({ id, name: { zh: id, en: id }, role: "technician", skills: [] });

describe("whom to send", () => {
  it("names first who is there soonest, and keeps the register's order of all others", () => {
    const staff = ["a", "b", "c", "d"].map(member);
    const times = new Map([["c", 30], ["b", 90], ["d", 30]]);
    expect(soonestFirst(staff, times).map((one) => one.id)).toEqual(["c", "d", "b", "a"]);
    expect(soonestFirst(staff, new Map()).map((one) => one.id)).toEqual(["a", "b", "c", "d"]);
  });
});
