// A text to be taken along: selected by a click, copied by the button.
import { Check, Copy } from "lucide-react";
import { useRef, useState } from "react";
import { Button } from "./Button";
import { inputClass } from "./Field";

export function CopyField({ label, value }: { label: string; value: string }) {
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    field.current?.select();
    setCopied(await toClipboard(value));
  };
  return (
    <div className="flex w-full gap-2">
      <input
        ref={field}
        readOnly
        aria-label={label}
        value={value}
        onFocus={(event) => event.target.select()}
        className={`${inputClass} font-mono`}
      />
      <Button onClick={copy}>
        {copied ? <Check aria-hidden size={14} className="text-ok" /> : <Copy aria-hidden size={14} />}
        {copied ? "Copied" : "Copy"}
      </Button>
    </div>
  );
}

/** Browsers give the clipboard only to pages that come by TLS; elsewhere the selected text is copied the old way. */
async function toClipboard(value: string): Promise<boolean> {
  const clipboard = navigator.clipboard as Clipboard | undefined;
  try {
    if (clipboard) await clipboard.writeText(value);
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way without TLS
    else return document.execCommand("copy");
    return true;
  } catch {
    return false;
  }
}
