// Short names for the generated types; nothing is written by hand here.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Disk = Schemas["DiskOut"];
export type Pool = Schemas["PoolOut"];
export type Usage = Schemas["UsageOut"];
export type Operation = Schemas["OperationOut"];
export type Plan = Schemas["PlanOut"];
export type LedgerEvent = Schemas["EventOut"];
export type Me = Schemas["Me"];
export type Health = Schemas["Health"];
export type ProblemBody = Schemas["ProblemOut"];
export type CreatePool = Schemas["CreatePool"];
export type VdevWish = Schemas["VdevWish"];
export type ScrubAction = NonNullable<Schemas["ScrubRequest"]["action"]>;
