import { UsageError } from '../errors/errors.js';

/** Where the call was made; null when somebody removed that directory. */
function workingDirectory(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}

/** What a program of an image has of the caller's. */
export function around(): { readonly workingDirectory: string | null; readonly environment: NodeJS.ProcessEnv } {
  return { workingDirectory: workingDirectory(), environment: process.env };
}

/** Whether DBNS_ALLOW_EXPIRED asks for archives whose Release file has expired; never a default. */
export function allowExpiredByEnvironment(): boolean {
  return ['1', 'true', 'yes'].includes(process.env.DBNS_ALLOW_EXPIRED ?? '');
}

/** The image of nodes that are given none; no default of the flag, which may name single nodes. */
export function imageByEnvironment(): string | undefined {
  return process.env.DBNS_IMAGE === '' ? undefined : process.env.DBNS_IMAGE;
}

/** Who called by sudo; null when nobody did. */
export function callersIds(): { readonly uid: number; readonly gid: number } | null {
  const [uid, gid] = [process.env.SUDO_UID, process.env.SUDO_GID].map((text) =>
    /^\d+$/.test(text ?? '') ? Number(text) : NaN,
  );
  return uid === undefined || gid === undefined || Number.isNaN(uid + gid) ? null : { uid, gid };
}

/** The same with the name; then all of the user's groups are known too. */
export function caller(): (NonNullable<ReturnType<typeof callersIds>> & { readonly user: string | null }) | null {
  const ids = callersIds();
  return ids === null ? null : { ...ids, user: process.env.SUDO_USER ?? null };
}

/** What a program has that is started as if the caller did. */
export function surroundings(): { readonly environment: NodeJS.ProcessEnv; readonly directory: string } {
  const directory = workingDirectory();
  if (directory === null) throw new UsageError('The working directory is gone: change to another one.');
  return { environment: process.env, directory };
}
