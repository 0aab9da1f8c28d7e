/*
 * op.h
 *	  Operations of a random flow: commands whose names of things are symbolic,
 *	  so that a list of them keeps its meaning when parts of it are taken out.
 *
 * An operation is a verb and a value for each of the verb's fields.  The table
 * in op.c says for each field where it is in ClrCommand, how to make a random
 * value, how to print it and which value is the simplest.  Generating,
 * encoding, printing, reading and shrinking all go by this table: a new
 * attribute of a command is one line of it, a new command one entry.
 */
#ifndef CLR_PROPERTY_OP_H
#define CLR_PROPERTY_OP_H

#include <stdio.h>

#include "engine/engine.h"

#define OP_FIELDS 26			/* most fields of a verb */
#define OP_REASONS 256
#define OP_SLOTS 32				/* objects of one kind a flow can name */

/* What a value means.  Names of objects: see op_resolve() in op.c. */
typedef enum FieldKind
{
	NUMBER,
	ASSET, MEMBER, ACCOUNT, INSTRUMENT, /* 0 none, n > 0 slot n, < 0 id -1 - n */
	ORDER,						/* 0 none, n > 0 entered by operation n, < 0 as above */
	REF, ORIG,					/* text "r<n>", 0 = none */
	NAME, NAME2,				/* text "N<n>" */
	ATTR,						/* attribute of an order, number `at`; 0 = not given */
	PAIR_FIELD, PAIR_VALUE,		/* number and value of a field (SET_FIELDS); 0 = none */
	QUOTE,						/* part of a quote, behind its instrument */
	SLOT,						/* where the created object is named from now on */
	DAMAGE,						/* 256 * offset + bits to flip in the bytes sent */
	PLAIN						/* read by the player (blocks) */
} FieldKind;

typedef struct Flow Flow;

typedef struct Word
{
	int64_t		value;
	const char *text;
} Word;

typedef struct Field
{
	const char *name;
	FieldKind	kind;
	size_t		at;				/* in ClrCommand; the number of an ATTR */
	size_t		size;
	int64_t		(*make) (Flow *f);
	int64_t		simple;			/* what shrinking tries first */
	const Word *words;			/* names of values, ends with a NULL text */
} Field;

typedef struct Op
{
	uint32_t	uid;			/* its number when it was generated */
	uint8_t		verb;			/* index into the table of verbs */
	int64_t		v[OP_FIELDS];
} Op;

typedef struct Verb
{
	const char *name;
	uint8_t		type;			/* ClrCommandType, 0 = for the player */
	unsigned	weight;			/* how often, of the sum of all */
	const Field *fields;
	size_t		n;
	void		(*tune) (Flow *f, Op *op);	/* makes fields fit together */
	unsigned	needs;			/* what a flow must have for it, FlowRich in op.c */
} Verb;

typedef struct OpList
{
	Op		   *ops;
	size_t		n;
	size_t		cap;
} OpList;

/* What symbolic names stand for while a list is played. */
typedef struct Names
{
	uint64_t	slots[INSTRUMENT + 1][OP_SLOTS];
	uint64_t   *orders;			/* [uid] */
	size_t		n_orders;
} Names;

extern unsigned op_rich;		/* kinds of things that random flows may have */
extern const Verb *op_verb(unsigned verb);	/* NULL past the last */
extern int64_t op_get(const Op *op, const char *field);
extern bool op_is(const Op *op, const char *verb);

/* A random flow of about n operations; the same for the same seed. */
extern void op_generate(OpList *list, uint64_t seed, size_t n);
/* The same character of a flow, n operations in all after those there are. */
extern void op_extend(OpList *list, uint64_t seed, size_t n);
extern Op  *op_append(OpList *list);

/* Bytes of the command (at least CLR_COMMAND_MAX), 0 = can't be encoded. */
extern size_t op_encode(const Op *op, const Names *names, uint8_t *buf);
/* Takes note of what an accepted command created. */
extern void op_note(const Op *op, Names *names, const ClrOutcome *out);

extern void op_print(FILE *to, const Op *op);
extern bool op_read(const char *line, Op *op);

#endif							/* CLR_PROPERTY_OP_H */
