/** A column of a DataTable. */
export interface Column<Row> {
  /** Unique in the table; a `cell` snippet tells columns apart by it. */
  key: string;
  title: string;
  /** Numbers stand right, so that their digits align; everything else stands left. */
  isNumber?: boolean;
  /** Text that may take several lines; other cells take one. */
  isProse?: boolean;
  /** Shown small beside the title. */
  unit?: string;
  /** The text of a cell; a `cell` snippet may draw it otherwise. */
  text: (row: Row) => string;
  /** What the column is sorted by; without it the column cannot be sorted. */
  order?: (row: Row) => string | number;
  /** Left out where the screen is narrow. */
  isMinor?: boolean;
}
