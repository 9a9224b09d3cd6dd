import { useQuery } from "@tanstack/react-query";
import { type SubmitEvent, useEffect, useState } from "react";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { ProblemNote } from "../../ui/ProblemNote";
import { LabRibbon } from "../../frame/LabRibbon";
import { Logo } from "../../frame/Logo";
import { health, useLogin } from "./queries";

export function LoginPage() {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const login = useLogin();
  const box = useQuery(health);
  useEffect(() => {
    document.title = "Log in · Calypso";
  }, []);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    login.mutate({ username, password });
  };
  return (
    <main className="flex min-h-dvh items-center justify-center p-4">
      <form onSubmit={submit} className="flex w-full max-w-sm flex-col gap-4 rounded border border-line bg-surface p-6">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <Logo />
          <LabRibbon />
        </div>
        <h1 className="text-xl font-semibold">Log in to {window.location.hostname}</h1>
        <TextField
          label="User name"
          name="username"
          autoComplete="username"
          autoFocus
          required
          maxLength={150}
          value={username}
          onChange={(event) => setUsername(event.target.value)}
        />
        <TextField
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {login.error && <ProblemNote error={login.error} />}
        <Button look="primary" type="submit" disabled={login.isPending}>
          {login.isPending ? "Logging in…" : "Log in"}
        </Button>
        <p className="text-xs text-muted">
          Every login and every change is recorded.{box.data && ` Calypso ${box.data.version}`}
        </p>
      </form>
    </main>
  );
}
