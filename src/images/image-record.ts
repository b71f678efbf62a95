/** What `image.json` in an image's directory says of it. */
export interface ImageRecord {
  readonly format: 1;
  readonly ref: string;
  readonly build: string;
  readonly from: string;
  readonly createdAt: string;
  readonly sizeBytes: number;
}

/** Null when the text is no record of a format that this dbns knows. */
export function readRecord(text: string): Omit<ImageRecord, 'format'> | null {
  const { format, ref, build, from, createdAt, sizeBytes } = parseObject(text);
  const known =
    format === 1 &&
    typeof ref === 'string' &&
    typeof build === 'string' &&
    typeof from === 'string' &&
    typeof createdAt === 'string' &&
    typeof sizeBytes === 'number';
  return known ? { ref, build, from, createdAt, sizeBytes } : null;
}

function parseObject(text: string): Partial<Record<keyof ImageRecord, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
