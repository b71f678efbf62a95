/** An immutable tree with a server's binaries. */
export interface Image {
  /** `mariadb:10.11`, `dir:/opt/mysql/8.4.3` or `host`. */
  readonly ref: string;
  /** Pulled by dbns, a directory of the user's, or the machine's own programs. */
  readonly kind: 'pulled' | 'directory' | 'host';
  /** The tree that becomes `/`, absolute. */
  readonly root: string;
  /** Hex; another one as soon as the image is another, so that what was made with it can be told from what was not. */
  readonly build: string;
  /** Directories of the machine that are seen at the same path, read-only, besides the tree. */
  readonly extraBinds: readonly string[];
  /** Where servers are looked for, in this order; paths inside the image. */
  readonly binaryDirectories: readonly string[];
  /** For people: what the image was made of; of an OCI image its reference. */
  readonly from: string;
  /** `sha256:…` by which registries know it; null when it is from none. */
  readonly digest: string | null;
  /** ISO 8601, UTC; null when that is not known. */
  readonly createdAt: string | null;
  /** Bytes on disk; null when the tree is not dbns's own. */
  readonly sizeBytes: number | null;
}
