import type { Message } from './form.js';

/** What fields are checked for. Each returns the message when the value will not do. */

export const filled =
  (message: Message) =>
  (value: string): Message | null =>
    value.trim() === '' ? message : null;

export const emailAddress =
  (message: Message) =>
  (value: string): Message | null =>
    /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value.trim()) ? null : message;

/** Spaces and dashes are as people write numbers. */
export const phoneNumber =
  (message: Message) =>
  (value: string): Message | null =>
    /^\+?\d{7,15}$/.test(plainNumber(value)) ? null : message;

export const personalNumber =
  (message: Message) =>
  (value: string): Message | null =>
    /^(19|20)\d{10}$/.test(plainNumber(value)) ? null : message;

export const wholeNumber =
  (min: number, max: number, message: Message) =>
  (value: string): Message | null => {
    const number = Number(value);
    return value.trim() !== '' && Number.isInteger(number) && number >= min && number <= max ? null : message;
  };

/** The check, unless nothing is filled in. */
export const orEmpty =
  (check: (value: string) => Message | null) =>
  (value: string): Message | null =>
    value.trim() === '' ? null : check(value);

export function plainNumber(typed: string): string {
  return typed.replace(/[\s-]/g, '');
}
