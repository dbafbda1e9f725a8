package analysis;

import java.util.Map;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.miscellaneous.StemmerOverrideFilter;
import org.apache.lucene.analysis.pattern.PatternTokenizer;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.NormalizingTokenFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;
import org.tartarus.snowball.ext.ItalianStemmer;

/**
 * What faldone's mapping needs of the module analysis-common, which Maven does not have, under that module's names and
 * from the Lucene classes that the server ships: the tokenizer pattern and the filters lowercase, asciifolding,
 * stemmer_override and stemmer(italian). The filter stop is in the server itself.
 */
public class ItalianAnalysis extends Plugin implements AnalysisPlugin {
    interface Make { TokenStream over(TokenStream in, Settings s); }

    abstract static class Normalizing extends AbstractTokenFilterFactory implements NormalizingTokenFilterFactory {
        Normalizing(String name, Settings s) { super(SUPER_ARGS); }
    }

    static AnalysisProvider<TokenFilterFactory> normalizing(Make make) {
        return (index, env, name, s) -> new Normalizing(name, s) {
            @Override public TokenStream create(TokenStream in) { return make.over(in, s); }
        };
    }

    static AnalysisProvider<TokenFilterFactory> plain(Make make) {
        return (index, env, name, s) -> new AbstractTokenFilterFactory(PLAIN_ARGS) {
            @Override public TokenStream create(TokenStream in) { return make.over(in, s); }
        };
    }

    @Override
    public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
        return Map.of("pattern", (index, env, name, s) -> {
            Pattern pattern = Pattern.compile(s.get("pattern", "\\W+"));
            int group = s.getAsInt("group", -1);
            return TokenizerFactory.newFactory(name, () -> (Tokenizer) new PatternTokenizer(pattern, group));
        });
    }

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        return Map.of(
            "lowercase", normalizing((in, s) -> new LowerCaseFilter(in)),
            "asciifolding", normalizing((in, s) -> new ASCIIFoldingFilter(in, s.getAsBoolean("preserve_original", false))),
            "stemmer_override", plain((in, s) -> {
                StemmerOverrideFilter.Builder rules = new StemmerOverrideFilter.Builder(false);
                for (String rule : s.getAsList("rules")) {
                    String[] sides = rule.split("=>");
                    rules.add(sides[0].trim(), sides[1].trim());
                }
                try {
                    return new StemmerOverrideFilter(in, rules.build());
                } catch (java.io.IOException error) {
                    throw new java.io.UncheckedIOException(error);
                }
            }),
            "stemmer", plain((in, s) -> {
                if (!"italian".equals(s.get("language"))) throw new IllegalArgumentException("only the italian stemmer is here");
                return new SnowballFilter(in, new ItalianStemmer());
            }));
    }
}
