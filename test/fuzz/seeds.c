/*
 * seeds.c
 *	  Writes first inputs for fuzz_engine and fuzz_command: random flows of the
 *	  property tests, packed, and their commands.
 *
 * Run by test/fuzz/run --corpus.
 *
 * usage: seeds COUNT ENGINE-DIRECTORY COMMAND-DIRECTORY
 */
#include <stdio.h>
#include <stdlib.h>

#include "pack.h"

static void
save(const char *dir, unsigned n, const uint8_t *data, size_t len)
{
	char		path[512];
	FILE	   *file;

	snprintf(path, sizeof(path), "%s/seed%u", dir, n);
	file = fopen(path, "wb");
	if (file == NULL || fwrite(data, 1, len, file) != len || fclose(file) != 0)
	{
		perror(path);
		exit(2);
	}
}

int
main(int argc, char **argv)
{
	static uint8_t data[65536];
	Names		names;
	unsigned	count;
	unsigned	commands = 0;
	OpList		list = {0};

	if (argc != 4)
		return 2;
	count = (unsigned) strtoul(argv[1], NULL, 10);
	for (unsigned i = 0; i < count; i++)
	{
		op_generate(&list, i, 40 + i % 4 * 20);
		save(argv[2], i, data, pack(&list, data, sizeof(data)));
		names_init(&names, &list);
		for (size_t k = i; k < list.n; k += 24)
		{
			static uint8_t buf[CLR_LIST_MAX];
			size_t		len = op_verb(list.ops[k].verb)->type == 0 ? 0 :
				op_encode(&list.ops[k], op_members(&list, k), &names, buf);

			if (len > 0 && len <= 600)
				save(argv[3], commands++, buf, len);
		}
		names_free(&names);
	}
	free(list.ops);
	return 0;
}
