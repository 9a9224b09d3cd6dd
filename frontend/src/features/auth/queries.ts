import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answered, client } from "../../api/client";
import { toProblem } from "../../api/problem";
import type { Me, Permission } from "../../api/types";

/** Who is logged in; null for nobody. */
export const me = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await answered(client.GET("/api/v1/auth/me", { signal }));
    } catch (error) {
      if (toProblem(error).status === 401) return null;
      throw error;
    }
  },
});

export const health = queryOptions({
  queryKey: ["health"],
  queryFn: ({ signal }) => answered(client.GET("/api/v1/health", { signal })),
});

/** Whether whoever is logged in may do such things. The server decides; this only hides what it would refuse. */
export function useMay(permission: Permission): boolean {
  return useQuery(me).data?.permissions.includes(permission) ?? false;
}

export function useLogin() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: { username: string; password: string }) => {
      await answered(client.GET("/api/v1/auth/csrf"));
      return answered(client.POST("/api/v1/auth/login", { body }));
    },
    onSuccess: (who) => queries.setQueryData(me.queryKey, who),
  });
}

export function useLogout() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => answered(client.POST("/api/v1/auth/logout")),
    onSuccess: () => {
      queries.setQueryData(me.queryKey, null);
      // Nothing that one user saw stays for the next.
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== "me" && query.queryKey[0] !== "health" });
    },
  });
}
