// Every page's address, in one place.
import { useQuery } from "@tanstack/react-query";
import { createBrowserRouter, Link, Navigate, type RouteObject, useRouteError } from "react-router";
import { LiveProvider } from "./api/LiveProvider";
import { AlertsPage } from "./features/alerts/AlertsPage";
import { LoginPage } from "./features/auth/LoginPage";
import { me } from "./features/auth/queries";
import { Dashboard } from "./features/dashboard/Dashboard";
import { EventsPage } from "./features/events/EventsPage";
import { OperationPage } from "./features/operations/OperationPage";
import { OperationsPage } from "./features/operations/OperationsPage";
import { DatasetPage } from "./features/storage/datasets/DatasetPage";
import { DatasetsPage } from "./features/storage/datasets/DatasetsPage";
import { DiskPage } from "./features/storage/disks/DiskPage";
import { DisksPage } from "./features/storage/disks/DisksPage";
import { DriftPage } from "./features/storage/drift/DriftPage";
import { ArcPage } from "./features/storage/figures/ArcPage";
import { PoolPage } from "./features/storage/pools/PoolPage";
import { PoolsPage } from "./features/storage/pools/PoolsPage";
import { SchedulePage } from "./features/storage/schedules/SchedulePage";
import { SchedulesPage } from "./features/storage/schedules/SchedulesPage";
import { DiffPage } from "./features/storage/snapshots/DiffPage";
import { SnapshotsPage } from "./features/storage/snapshots/SnapshotsPage";
import { HealthPage } from "./features/system/health/HealthPage";
import { NetworkPage } from "./features/system/network/NetworkPage";
import { ServicePage } from "./features/system/services/ServicePage";
import { ServicesPage } from "./features/system/services/ServicesPage";
import { TimePage } from "./features/system/time/TimePage";
import { Frame } from "./frame/Frame";
import { ActionHost } from "./ui/action/ActionHost";
import { Empty, Loading } from "./ui/Page";
import { ProblemNote } from "./ui/ProblemNote";

/** The login page stands at every address while nobody is logged in, so that one arrives where one wanted to go. */
function Guarded() {
  const { data, error, refetch } = useQuery(me);
  if (data) {
    return (
      <LiveProvider>
        <ActionHost>
          <Frame />
        </ActionHost>
      </LiveProvider>
    );
  }
  if (data === null) return <LoginPage />;
  if (!error) return <Loading />;
  return (
    <main className="mx-auto max-w-xl p-6">
      <ProblemNote error={error} retry={() => void refetch()} />
    </main>
  );
}

function Broken() {
  const error = useRouteError();
  return (
    <main className="mx-auto flex max-w-xl flex-col gap-3 p-6">
      <h1 className="text-xl font-semibold">This page failed</h1>
      <p>Nothing was changed on the box. Load the page again; if it stays, please report the words below.</p>
      <pre className="overflow-auto rounded bg-surface p-3 font-mono text-xs">{String(error)}</pre>
      <a href={window.location.href}>Load again</a>
    </main>
  );
}

export const routes: RouteObject[] = [
  {
    path: "/",
    element: <Guarded />,
    errorElement: <Broken />,
    children: [
      { index: true, element: <Dashboard /> },
      { path: "storage", element: <Navigate to="/storage/pools" replace /> },
      { path: "storage/pools", element: <PoolsPage /> },
      { path: "storage/pools/:name", element: <PoolPage /> },
      { path: "storage/datasets", element: <DatasetsPage /> },
      { path: "storage/datasets/:id", element: <DatasetPage /> },
      { path: "storage/drift", element: <DriftPage /> },
      { path: "storage/arc", element: <ArcPage /> },
      { path: "storage/snapshots", element: <SnapshotsPage /> },
      { path: "storage/snapshots/diffs/:operation", element: <DiffPage /> },
      { path: "storage/schedules", element: <SchedulesPage /> },
      { path: "storage/schedules/:name", element: <SchedulePage /> },
      { path: "storage/disks", element: <DisksPage /> },
      { path: "storage/disks/:id", element: <DiskPage /> },
      { path: "system", element: <Navigate to="/system/services" replace /> },
      { path: "system/services", element: <ServicesPage /> },
      { path: "system/services/:name", element: <ServicePage /> },
      { path: "system/health", element: <HealthPage /> },
      { path: "system/network", element: <NetworkPage /> },
      { path: "system/time", element: <TimePage /> },
      { path: "alerts", element: <AlertsPage /> },
      { path: "operations", element: <OperationsPage /> },
      { path: "operations/:id", element: <OperationPage /> },
      { path: "events", element: <EventsPage /> },
      {
        path: "*",
        element: (
          <Empty title="There is no such page">
            <Link to="/storage/pools">To the pools</Link>
          </Empty>
        ),
      },
    ],
  },
];

export const router = () => createBrowserRouter(routes);
