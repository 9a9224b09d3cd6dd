// Short names for the generated types; nothing is written by hand here.
import type { components, paths } from "./schema";

type Schemas = components["schemas"];

export type Alert = Schemas["AlertOut"];
export type Dataset = Schemas["DatasetOut"];
export type DatasetDetail = Schemas["DatasetDetail"];
export type DatasetProperty = Schemas["PropertyOut"];
export type PropertyRule = Schemas["Property"];
export type DatasetFilter = Omit<NonNullable<paths["/api/v1/storage/datasets"]["get"]["parameters"]["query"]>, "cursor" | "limit">;
export type PoolIo = Schemas["PoolIoOut"];
export type Io = Schemas["IoOut"];
export type CapacityHistory = Schemas["CapacityOut"];
export type Arc = Schemas["ArcOut"];
export type Snapshot = Schemas["SnapshotOut"];
export type SnapshotFilter = Omit<NonNullable<paths["/api/v1/storage/snapshots"]["get"]["parameters"]["query"]>, "cursor" | "limit">;
export type DiffEntry = Schemas["DiffEntryOut"];
export type Smart = Schemas["SmartOut"];
export type SelfTest = Schemas["SelfTestOut"];
export type Progress = Schemas["ProgressOut"];
export type PoolProperty = Schemas["PoolProperty"];
export type ImportablePool = Schemas["ImportablePoolOut"];
export type AlertFilter = Pick<NonNullable<paths["/api/v1/alerts"]["get"]["parameters"]["query"]>, "state" | "severity" | "resource">;

export type Disk = Schemas["DiskOut"];
export type Pool = Schemas["PoolOut"];
export type Usage = Schemas["UsageOut"];
export type Vdev = Schemas["VdevOut"];
export type Scan = Schemas["Scan"];
export type Operation = Schemas["OperationOut"];
export type Step = Schemas["StepOut"];
export type Plan = Schemas["PlanOut"];
export type LedgerEvent = Schemas["EventOut"];
export type EventPage = Schemas["Paged_EventOut_"];
export type Me = Schemas["Me"];
export type Permission = Schemas["Permission"];
export type Health = Schemas["Health"];
export type ProblemBody = Schemas["ProblemOut"];
export type VdevWish = Schemas["VdevWish"];
export type ScrubAction = NonNullable<Schemas["ScrubRequest"]["action"]>;
