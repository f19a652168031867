import type { Extension } from '@codemirror/state';
import { EditorState } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { MergeView } from '@codemirror/merge';
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { jupyterTheme } from '@jupyterlab/codemirror';

/** Lines around a change that stay in sight; longer runs of equal lines are folded. */
const AROUND = 5;

export interface ISideBySide {
  destroy(): void;
}

/** Two texts side by side in `host`, read only, in the editors of the page. */
export async function sideBySide(
  host: HTMLElement,
  file: { name: string; before: string; after: string },
  languages: IEditorLanguageRegistry | null,
  ...labels: [before: string, after: string]
): Promise<ISideBySide> {
  const language = await highlighting(file.name, languages);
  const side = (doc: string, label: string) => ({
    doc,
    extensions: [
      lineNumbers(),
      EditorState.readOnly.of(true),
      EditorView.contentAttributes.of({ 'aria-label': label, 'aria-readonly': 'true' }),
      jupyterTheme,
      language
    ]
  });
  return new MergeView({
    a: side(file.before, labels[0]),
    b: side(file.after, labels[1]),
    parent: host,
    gutter: true,
    collapseUnchanged: { margin: AROUND, minSize: 2 * AROUND }
  });
}

async function highlighting(
  name: string,
  languages: IEditorLanguageRegistry | null
): Promise<Extension> {
  const found = languages?.findByFileName(name);
  const loaded = found && (await languages!.getLanguage(found.mime as string));
  return loaded?.support ?? [];
}
