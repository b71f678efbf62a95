/** What a user may say about a pull. */
export interface PullOptions {
  /** URI of an archive of Debian; without it the one that the machine's apt sources name. */
  readonly mirror?: string;
  /** Take an archive whose Release file has expired. */
  readonly allowExpired?: boolean;
  /** False: take a registry that speaks plain HTTP, or whose certificate nobody vouches for. */
  readonly tlsVerify?: boolean;
  /** Milliseconds after which a registry or a mirror that gives nothing is given up; a minute, and ten seconds. */
  readonly silence?: number;
  /** Make the image anew even though it is there. */
  readonly force?: boolean;
  /** Called with a line for people whenever something else is being done. */
  readonly onProgress?: (line: string) => void;
  /** Aborting it ends the pull; nothing is left, and its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** A tree in the making. */
export interface Filling {
  /** The image that it will be. */
  readonly ref: string;
  /** Ours alone; the tree becomes `root` in it. Absolute, without links on the way. */
  readonly directory: string;
  readonly options: PullOptions;
}
