import type { Entry } from '../entry';

/** A link to another page: of a folder, or of the next piece of this one. */
export interface Link {
  name: string;
  url: string;
}

/** A page that leads to others. */
export interface MenuPage {
  title: string;
  links: Link[];
  /** Where a search begins. */
  search: Link;
  next?: Link;
}

/** A page of entries. */
export interface EntriesPage {
  title: string;
  entries: { name: string; dial: string; description?: string }[];
  search: Link;
  next?: Link;
}

/** A page that asks for a text; `url` takes it as the value of `q`. */
export interface SearchPage {
  title: string;
  prompt: string;
  /** Ends with `q=`. */
  url: string;
}

/** How one vendor's phones want their remote phone book. */
export interface VendorFormat {
  /** Last part of the URL. */
  name: string;
  /** Items of one page. */
  page: number;
  /** Content type of an answer. */
  type: string;
  menu(page: MenuPage): string;
  entries(page: EntriesPage): string;
  /** Absent where the phone asks for the text by itself and puts it in place of a mark in the URL. */
  searchForm?(page: SearchPage): string;
}

/** What a phone dials: digits where there are any, as every phone can dial those. */
export const dialOf = ({ number, address }: Entry): string => number ?? address;
