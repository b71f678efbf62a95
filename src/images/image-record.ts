/** What `image.json` in an image's directory says of it. */
export interface ImageRecord {
  readonly format: 1;
  readonly ref: string;
  readonly build: string;
  readonly from: string;
  /** `sha256:…` of an OCI image's manifest; null, or absent in older records, when there is none. */
  readonly digest: string | null;
  readonly createdAt: string;
  readonly sizeBytes: number;
}

/** Null when the text is no record of a format that this dbns knows. */
export function readRecord(text: string): Omit<ImageRecord, 'format'> | null {
  const { format, ref, build, from, digest = null, createdAt, sizeBytes } = parseObject(text);
  const known =
    format === 1 &&
    typeof ref === 'string' &&
    typeof build === 'string' &&
    typeof from === 'string' &&
    (typeof digest === 'string' || digest === null) &&
    typeof createdAt === 'string' &&
    typeof sizeBytes === 'number';
  return known ? { ref, build, from, digest, createdAt, sizeBytes } : null;
}

function parseObject(text: string): Partial<Record<keyof ImageRecord, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
