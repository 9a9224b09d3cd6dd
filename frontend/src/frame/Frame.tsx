// What surrounds every page: navigation on the left (a drawer on a narrow screen), the top bar, the lost-connection line.
import { useQuery } from "@tanstack/react-query";
import { Menu as MenuIcon, X } from "lucide-react";
import { Dialog } from "radix-ui";
import { useState } from "react";
import { Link, Outlet } from "react-router";
import { me } from "../features/auth/queries";
import { IconButton } from "../ui/Button";
import { AlertLight } from "./AlertLight";
import { LabRibbon } from "./LabRibbon";
import { LiveLight, LostLine } from "./LiveLight";
import { Logo } from "./Logo";
import { Nav } from "./Nav";
import { Tray } from "./Tray";
import { ThemeMenu, UserMenu } from "./UserMenu";

export function Frame() {
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-40 focus:bg-surface focus:px-3 focus:py-2"
      >
        Skip to the content
      </a>
      <div className="sticky top-0 z-20">
        <header className="flex h-12 items-center gap-2 border-b border-line bg-surface px-3 max-sm:gap-1 sm:gap-3">
          <Drawer />
          <Link to="/" aria-label="calypso: dashboard" className="inline-flex text-text hover:no-underline">
            <Logo />
          </Link>
          <Box className="max-sm:hidden" />
          <span className="flex-1" />
          <LabRibbon />
          <AlertLight />
          <LiveLight />
          <Tray />
          <ThemeMenu />
          <UserMenu />
        </header>
        <LostLine />
      </div>
      <div className="flex flex-1">
        <aside className="w-14 shrink-0 lg:w-55 border-r border-line bg-surface max-md:hidden">
          <div className="sticky top-12">
            <Nav />
          </div>
        </aside>
        <main id="content" tabIndex={-1} className="min-w-0 flex-1 p-4 outline-none md:p-6">
          <div className="mx-auto flex max-w-360 flex-col gap-4">
            <Outlet />
          </div>
        </main>
      </div>
    </div>
  );
}

/** The machine's name. */
function Box({ className = "" }: { className?: string }) {
  const box = useQuery(me).data?.box;
  return (
    <span className={`inline-flex min-w-0 items-center gap-2 sm:gap-3 ${className}`}>
      <span aria-hidden className="text-muted">
        ▸
      </span>
      <span className="truncate" title={box}>
        {box}
      </span>
    </span>
  );
}

function Drawer() {
  const [open, setOpen] = useState(false);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger asChild>
        <IconButton label="Navigation" className="md:hidden">
          <MenuIcon aria-hidden size={20} />
        </IconButton>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-overlay" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 left-0 z-40 w-64 border-r border-line bg-surface"
        >
          <div className="flex h-12 items-center justify-between px-3">
            <Dialog.Title asChild>
              <div className="flex min-w-0 items-center gap-2">
                <Logo />
                <Box />
              </div>
            </Dialog.Title>
            <Dialog.Close asChild>
              <IconButton label="Close">
                <X aria-hidden size={18} />
              </IconButton>
            </Dialog.Close>
          </div>
          <Nav onGo={() => setOpen(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
