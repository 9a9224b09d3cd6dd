import { useQuery } from "@tanstack/react-query";
import { ChevronDown, CircleUser, LogOut, SunMoon } from "lucide-react";
import { me, useLogout } from "../features/auth/queries";
import { IconButton } from "../ui/Button";
import { Menu, MenuChoice, MenuItem, MenuLine } from "../ui/Menu";
import { useTheme } from "./theme";

const THEMES = [
  { value: "system", label: "System" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
] as const;

export function ThemeMenu() {
  const [theme, setTheme] = useTheme();
  return (
    <Menu
      label="Theme"
      trigger={
        <IconButton label="Theme">
          <SunMoon aria-hidden size={18} />
        </IconButton>
      }
    >
      <MenuChoice label="Theme" value={theme} options={THEMES} onChange={setTheme} />
    </Menu>
  );
}

export function UserMenu() {
  const { data } = useQuery(me);
  const logout = useLogout();
  if (!data) return null;
  return (
    <Menu
      label="User"
      trigger={
        <button
          type="button"
          aria-label={`User ${data.username}`}
          className="inline-flex h-8 min-w-0 items-center gap-1 rounded px-2 hover:bg-hover"
        >
          <CircleUser aria-hidden size={18} className="shrink-0 text-muted" />
          <span className="max-w-32 truncate max-md:hidden">{data.username}</span>
          <ChevronDown aria-hidden size={14} className="text-muted max-md:hidden" />
        </button>
      }
    >
      <div className="max-w-64 px-2 py-1">
        <p className="truncate font-medium">{data.username}</p>
        <p className="text-xs text-muted">{data.roles.join(", ") || "no role"}</p>
      </div>
      <MenuLine />
      <MenuItem onSelect={() => logout.mutate()}>
        <LogOut aria-hidden size={16} className="text-muted" /> Log out
      </MenuItem>
    </Menu>
  );
}
