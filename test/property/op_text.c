/*
 * op_text.c
 *	  Operations as lines of text: "12 new_order account=a1 ref=12 side=buy".
 */
#include "op.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char letters[] = {[ASSET] = 'c', [MEMBER] = 'm', [ACCOUNT] = 'a', [INSTRUMENT] = 'i', [ORDER] = 'o'};

static void
print_value(FILE *to, const Field *f, int64_t v)
{
	for (const Word *w = f->words; w != NULL && w->text != NULL; w++)
		if (w->value == v)
		{
			fprintf(to, "%s", w->text);
			return;
		}
	if (f->kind >= ASSET && f->kind <= ORDER)
	{
		if (v > 0)
			fprintf(to, "%c%" PRId64, letters[f->kind], v);
		else
			fprintf(to, "#%" PRId64, -1 - v);
	}
	else
		fprintf(to, "%" PRId64, v);
}

void
op_print(FILE *to, const Op *op)
{
	const Verb *v = op_verb(op->verb);

	fprintf(to, "%u %s", op->uid, v->name);
	for (size_t i = 0; i < v->n; i++)
		if (op->v[i] != 0)
		{
			fprintf(to, " %s=", v->fields[i].name);
			print_value(to, &v->fields[i], op->v[i]);
		}
	fprintf(to, "\n");
}

static int64_t
read_value(const Field *f, const char *text)
{
	for (const Word *w = f->words; w != NULL && w->text != NULL; w++)
		if (strcmp(w->text, text) == 0)
			return w->value;
	if (*text == '#')
		return -1 - strtoll(text + 1, NULL, 10);
	if (f->kind >= ASSET && f->kind <= ORDER && *text == letters[f->kind])
		text++;
	return strtoll(text, NULL, 10);
}

bool
op_read(const char *line, Op *op)
{
	char		copy[1024];
	char	   *next;
	char	   *word;
	unsigned	i;

	memset(op, 0, sizeof(*op));
	if (strlen(line) >= sizeof(copy) || *line == '#' || *line == '\n')
		return false;
	strcpy(copy, line);
	op->uid = (uint32_t) strtoul(copy, &next, 10);
	word = strtok(next, " \r\n");
	for (i = 0; word != NULL && op_verb(i) != NULL && strcmp(word, op_verb(i)->name) != 0; i++)
		;
	if (word == NULL || op_verb(i) == NULL)
		return false;
	op->verb = (uint8_t) i;
	while ((word = strtok(NULL, " \r\n")) != NULL)
	{
		char	   *is = strchr(word, '=');
		int			field;

		if (is == NULL)
			return false;
		*is = '\0';
		field = op_field_named(op, word);
		if (field < 0)
			return false;
		op->v[field] = read_value(&op_verb(op->verb)->fields[field], is + 1);
	}
	return true;
}
