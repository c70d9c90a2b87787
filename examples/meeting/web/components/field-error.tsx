/** A message under a field; the element is always there so that screen readers notice the text coming. */
export function FieldError({ id, text }: { id: string; text: string | null }) {
  return (
    <p id={id} class="field-error" role="alert">
      {text}
    </p>
  );
}
